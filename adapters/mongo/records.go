package mongo

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/orgkeeper/orgkeeper/domain"
)

// organizationDocument is a record of the collection organizations. Fields that
// can be absent are in organizationOptional.
type organizationDocument struct {
	ID         identifier         `bson:"_id"`
	Name       string             `bson:"organization_name"`
	NameKey    string             `bson:"name_key"`
	NameKeys   []string           `bson:"name_keys,omitempty"`
	Collection string             `bson:"collection_name,omitempty"`
	Placement  *placementDocument `bson:"placement,omitempty"`
	Reserved   []string           `bson:"reserved,omitempty"`
	Owner      identifier         `bson:"admin_user_id"`
	Status     string             `bson:"status"`
	Live       bool               `bson:"live"`
	Deleted    bool               `bson:"deleted"`
	Epoch      int64              `bson:"epoch"`
	Pending    *operationDocument `bson:"pending,omitempty"`
	Last       *outcomeDocument   `bson:"last,omitempty"`
	Version    int64              `bson:"version"`
	CreatedAt  time.Time          `bson:"created_at"`
	UpdatedAt  time.Time          `bson:"updated_at"`
	DeletedAt  *time.Time         `bson:"deleted_at,omitempty"`
	PurgeAt    *time.Time         `bson:"purge_at,omitempty"`
	Hold       bool               `bson:"hold,omitempty"`
	Receipt    *receiptDocument   `bson:"receipt,omitempty"`
}

// organizationOptional are the fields that a write removes when they are empty.
var organizationOptional = []string{
	"name_keys", "collection_name", "placement", "reserved", "pending", "last", "deleted_at",
	"purge_at", "hold", "receipt",
}

type placementDocument struct {
	Strategy   string `bson:"strategy"`
	Database   string `bson:"database"`
	Namespace  string `bson:"namespace"`
	Generation int64  `bson:"generation"`
	State      string `bson:"state"`
}

type operationDocument struct {
	ID          string             `bson:"id"`
	Kind        string             `bson:"kind"`
	Phase       string             `bson:"phase"`
	By          string             `bson:"by,omitempty"`
	Refused     string             `bson:"refused,omitempty"`
	StartedAt   time.Time          `bson:"started_at"`
	LeaseUntil  time.Time          `bson:"lease_until"`
	Attempt     int                `bson:"attempt"`
	Failures    int                `bson:"failures,omitempty"`
	Stuck       bool               `bson:"stuck,omitempty"`
	Documents   int64              `bson:"documents,omitempty"`
	Bytes       int64              `bson:"bytes,omitempty"`
	Name        string             `bson:"name,omitempty"`
	NameKey     string             `bson:"name_key,omitempty"`
	Email       string             `bson:"email,omitempty"`
	FormerEmail string             `bson:"former_email,omitempty"`
	Target      *placementDocument `bson:"target,omitempty"`
	Source      string             `bson:"source,omitempty"`
}

// outcomeDocument has its operation alone where it was written before the other
// fields were known.
type outcomeDocument struct {
	Operation string     `bson:"operation"`
	Kind      string     `bson:"kind,omitempty"`
	By        string     `bson:"by,omitempty"`
	Refused   string     `bson:"refused,omitempty"`
	StartedAt *time.Time `bson:"started_at,omitempty"`
	EndedAt   *time.Time `bson:"ended_at,omitempty"`
	Attempt   int        `bson:"attempt,omitempty"`
}

type receiptDocument struct {
	By        string    `bson:"by,omitempty"`
	At        time.Time `bson:"at"`
	Documents int64     `bson:"documents"`
	Bytes     int64     `bson:"bytes"`
}

// accountDocument is a record of the collection admins.
type accountDocument struct {
	ID           identifier `bson:"_id"`
	Email        string     `bson:"email"`
	EmailKey     string     `bson:"email_key,omitempty"`
	PasswordHash string     `bson:"password_hash"`
	Organization identifier `bson:"organization_id,omitempty"`
	Epoch        int64      `bson:"epoch"`
	Version      int64      `bson:"version"`
	CreatedAt    time.Time  `bson:"created_at"`
	UpdatedAt    time.Time  `bson:"updated_at"`
}

// accountOptional are the fields that a write removes when they are empty.
var accountOptional = []string{"email_key", "organization_id"}

func organizationRecord(o domain.Organization) organizationDocument {
	d := organizationDocument{
		ID:         identifier(o.ID),
		Name:       o.Name.String(),
		NameKey:    o.Name.Key(),
		NameKeys:   o.NameKeys(),
		Collection: o.Placement.Collection(),
		Placement:  placementRecord(o.Placement),
		Reserved:   o.Reserved,
		Owner:      identifier(o.Owner),
		Status:     string(o.Status),
		Live:       o.Live(),
		Deleted:    o.Status == domain.StatusDeleted || o.Status == domain.StatusPurged,
		Epoch:      o.Epoch,
		Pending:    operationRecord(o.Pending),
		Version:    o.Version,
		CreatedAt:  o.CreatedAt,
		UpdatedAt:  o.UpdatedAt,
		Last:       outcomeRecord(o.Last),
		DeletedAt:  unlessZero(o.DeletedAt),
		PurgeAt:    unlessZero(o.PurgeAt),
		Hold:       o.Hold,
	}
	if r := o.Receipt; r != (domain.Receipt{}) {
		d.Receipt = &receiptDocument{string(r.By), r.At, r.Documents, r.Bytes}
	}
	return d
}

// unlessZero returns t as a field that is absent when t is the zero time.
func unlessZero(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func outcomeRecord(last domain.Outcome) *outcomeDocument {
	if last == (domain.Outcome{}) {
		return nil
	}
	return &outcomeDocument{
		Operation: string(last.Operation),
		Kind:      string(last.Kind),
		By:        string(last.By),
		Refused:   string(last.Refused),
		StartedAt: unlessZero(last.StartedAt),
		EndedAt:   unlessZero(last.EndedAt),
		Attempt:   last.Attempt,
	}
}

func placementRecord(p domain.Placement) *placementDocument {
	if p.IsZero() {
		return nil
	}
	return &placementDocument{string(p.Strategy), p.Database, p.Namespace, p.Generation, string(p.State)}
}

func operationRecord(op domain.Operation) *operationDocument {
	if op.IsZero() {
		return nil
	}
	return &operationDocument{
		ID:          string(op.ID),
		Kind:        string(op.Kind),
		Phase:       string(op.Phase),
		By:          string(op.By),
		Refused:     string(op.Refused),
		StartedAt:   op.StartedAt,
		LeaseUntil:  op.LeaseUntil,
		Attempt:     op.Attempt,
		Failures:    op.Failures,
		Stuck:       op.Stuck,
		Documents:   op.Measured.Documents,
		Bytes:       op.Measured.Bytes,
		Name:        op.Name.String(),
		NameKey:     op.Name.Key(),
		Email:       op.Email.String(),
		FormerEmail: op.FormerEmail.String(),
		Target:      placementRecord(op.Target),
		Source:      op.Source,
	}
}

func accountRecord(a domain.Account) accountDocument {
	return accountDocument{
		ID:           identifier(a.ID),
		Email:        a.Email.String(),
		EmailKey:     a.Email.Key(),
		PasswordHash: a.PasswordHash.Reveal(),
		Organization: identifier(a.OrganizationID),
		Epoch:        a.Epoch,
		Version:      a.Version,
		CreatedAt:    a.CreatedAt,
		UpdatedAt:    a.UpdatedAt,
	}
}

// unchanging are the fields that no later write touches.
var unchanging = map[string]bool{"_id": true, "created_at": true}

// setKnown returns the update that writes the fields of record and removes those
// of optional that it hasn't. What else the stored document has stays.
func setKnown(record any, optional []string) (bson.D, error) {
	raw, err := bson.Marshal(record)
	if err != nil {
		return nil, err
	}
	elements, err := bson.Raw(raw).Elements()
	if err != nil {
		return nil, err
	}
	set, present := make(bson.D, 0, len(elements)), map[string]bool{}
	for _, e := range elements {
		present[e.Key()] = true
		if !unchanging[e.Key()] {
			set = append(set, bson.E{Key: e.Key(), Value: e.Value()})
		}
	}
	update := bson.D{{Key: "$set", Value: set}}
	var unset bson.D
	for _, field := range optional {
		if !present[field] {
			unset = append(unset, bson.E{Key: field, Value: ""})
		}
	}
	if len(unset) > 0 {
		update = append(update, bson.E{Key: "$unset", Value: unset})
	}
	return update, nil
}

// inVersion returns the filter of a compare-and-set. Records of older services
// have no version; they are read as version 0.
func inVersion(id identifier, version int64) bson.D {
	if version == 0 {
		return bson.D{{Key: "_id", Value: id}, {Key: "version", Value: bson.D{{Key: "$exists", Value: false}}}}
	}
	return bson.D{{Key: "_id", Value: id}, {Key: "version", Value: version}}
}

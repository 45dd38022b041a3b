package mongo

import (
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// organization returns the record as the domain has it. A record of an older
// service lacks most fields: its status follows from deleted, its placement from
// collection_name in the tenants' database, its key from its name.
func (d *organizationDocument) organization(tenant string) domain.Organization {
	o := domain.Organization{
		ID:        domain.OrganizationID(d.ID),
		Name:      readName(d.Name, d.NameKey),
		Status:    domain.Status(d.Status),
		Placement: d.Placement.placement(),
		Reserved:  d.Reserved,
		Owner:     domain.AccountID(d.Owner),
		Epoch:     d.Epoch,
		Pending:   d.Pending.operation(),
		Version:   d.Version,
		CreatedAt: d.CreatedAt,
		UpdatedAt: d.UpdatedAt,
		Last:      d.Last.outcome(),
		DeletedAt: orZero(d.DeletedAt),
		PurgeAt:   orZero(d.PurgeAt),
		Hold:      d.Hold,
	}
	if r := d.Receipt; r != nil {
		o.Receipt = domain.Receipt{By: domain.Actor(r.By), At: r.At, Usage: domain.Usage{Documents: r.Documents, Bytes: r.Bytes}}
	}
	if d.Status == "" {
		d.complete(&o, tenant)
	}
	return o
}

// orZero is the reverse of unlessZero.
func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func (d *outcomeDocument) outcome() domain.Outcome {
	if d == nil {
		return domain.Outcome{}
	}
	return domain.Outcome{
		Operation: domain.OperationID(d.Operation),
		Kind:      domain.OperationKind(d.Kind),
		By:        domain.Actor(d.By),
		Refused:   domain.Code(d.Refused),
		StartedAt: orZero(d.StartedAt),
		EndedAt:   orZero(d.EndedAt),
		Attempt:   d.Attempt,
	}
}

// complete fills in what an older service's record doesn't say.
func (d *organizationDocument) complete(o *domain.Organization, tenant string) {
	o.Status = domain.StatusActive
	if d.Deleted {
		o.Status = domain.StatusDeleted
		return
	}
	if d.Placement == nil && d.Collection != "" {
		o.Placement = domain.Placement{
			Strategy:   domain.StrategyCollection,
			Database:   tenant,
			Namespace:  d.Collection,
			Generation: 1,
			State:      domain.PlacementOpen,
		}
	}
}

func readName(display, key string) domain.Name {
	if key != "" || display == "" {
		return domain.StoredName(display, key)
	}
	if name, err := domain.ParseName(display); err == nil {
		return domain.StoredName(display, name.Key())
	}
	return domain.StoredName(display, display)
}

func (d *placementDocument) placement() domain.Placement {
	if d == nil {
		return domain.Placement{}
	}
	return domain.Placement{
		Strategy:   domain.Strategy(d.Strategy),
		Database:   d.Database,
		Namespace:  d.Namespace,
		Generation: d.Generation,
		State:      domain.PlacementState(d.State),
	}
}

func (d *operationDocument) operation() domain.Operation {
	if d == nil {
		return domain.Operation{}
	}
	return domain.Operation{
		ID:          domain.OperationID(d.ID),
		Kind:        domain.OperationKind(d.Kind),
		Phase:       domain.Phase(d.Phase),
		By:          domain.Actor(d.By),
		Refused:     domain.Code(d.Refused),
		StartedAt:   d.StartedAt,
		LeaseUntil:  d.LeaseUntil,
		Attempt:     d.Attempt,
		Failures:    d.Failures,
		Stuck:       d.Stuck,
		Measured:    domain.Usage{Documents: d.Documents, Bytes: d.Bytes},
		Name:        domain.StoredName(d.Name, d.NameKey),
		Email:       domain.StoredEmail(d.Email),
		FormerEmail: domain.StoredEmail(d.FormerEmail),
		Target:      d.Target.placement(),
		Source:      d.Source,
	}
}

func (d *accountDocument) account() domain.Account {
	return domain.Account{
		ID:             domain.AccountID(d.ID),
		Email:          domain.StoredEmail(d.Email),
		PasswordHash:   domain.NewPasswordHash(d.PasswordHash),
		OrganizationID: domain.OrganizationID(d.Organization),
		Epoch:          d.Epoch,
		Version:        d.Version,
		CreatedAt:      d.CreatedAt,
		UpdatedAt:      d.UpdatedAt,
	}
}

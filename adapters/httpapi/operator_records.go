package httpapi

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// Organization is what operators see of an organization.
type Organization struct {
	ID         string            `json:"id" example:"01934f1e-7c1a-7b3e-9f2d-6a1b2c3d4e5f"`
	Name       string            `json:"name" example:"Acme Corp"`
	Status     domain.Status     `json:"status" enum:"provisioning,active,suspended,deleted,purged" example:"active"`
	AdminEmail string            `json:"admin_email,omitempty" doc:"The administrator's email address; absent in a list, and when there is no administrator any more." example:"admin@example.com"`
	Placement  *Placement        `json:"placement,omitempty" doc:"Where the documents live; absent when they are purged."`
	Hold       bool              `json:"hold" doc:"Whether a hold forbids to drop the data." example:"false"`
	CreatedAt  time.Time         `json:"created_at" example:"2026-11-22T09:30:00.123Z"`
	UpdatedAt  time.Time         `json:"updated_at" example:"2026-11-22T09:30:00.123Z"`
	DeletedAt  *time.Time        `json:"deleted_at,omitempty" example:"2026-11-22T09:30:00.123Z"`
	PurgeAt    *time.Time        `json:"purge_at,omitempty" doc:"Until when a deleted organization can be restored." example:"2026-12-22T09:30:00.123Z"`
	Receipt    *Receipt          `json:"receipt,omitempty" doc:"What was purged."`
	Version    int64             `json:"version" doc:"Counts the writes; the ETag is made of it." example:"7"`
	Operation  *PendingOperation `json:"operation,omitempty" doc:"The operation that is pending."`
}

// Placement is where an organization's documents live.
type Placement struct {
	Strategy   string `json:"strategy" enum:"collection,database,shared" example:"collection"`
	Database   string `json:"database" doc:"The database that holds the documents." example:"tenants"`
	Collection string `json:"collection" doc:"The collection that holds the documents; with the strategy shared it holds those of others as well." example:"org_acme_corp"`
	Namespace  string `json:"namespace" doc:"The name among all of the strategy." example:"org_acme_corp"`
	Generation int64  `json:"generation" doc:"Counts the organization's placements." example:"1"`
	State      string `json:"state" example:"open"`
}

// Receipt says what a purge has dropped.
type Receipt struct {
	By        string    `json:"by" doc:"Who asked for it: owner, operator or retention." example:"operator"`
	At        time.Time `json:"at" example:"2026-12-22T09:30:00.123Z"`
	Documents int64     `json:"documents" example:"1200"`
	Bytes     int64     `json:"bytes" doc:"The documents' size, without indexes." example:"340000"`
}

// Represent returns what operators see of an organization, by HTTP or otherwise.
func Represent(d app.OrganizationDetails) Organization {
	o := d.Organization
	r := Organization{
		ID:         string(o.ID),
		Name:       o.Name.String(),
		Status:     o.Status,
		AdminEmail: d.AdminEmail.String(),
		Hold:       o.Hold,
		CreatedAt:  o.CreatedAt.UTC(),
		UpdatedAt:  o.UpdatedAt.UTC(),
		DeletedAt:  unlessZero(o.DeletedAt),
		PurgeAt:    unlessZero(o.PurgeAt),
		Version:    o.Version,
		Operation:  representPending(o.Pending),
	}
	if p := o.Placement; !p.IsZero() {
		r.Placement = &Placement{
			Strategy: string(p.Strategy), Database: p.OwnDatabase(), Collection: p.Collection(), Namespace: p.Namespace,
			Generation: p.Generation, State: string(p.State),
		}
	}
	if u := o.Receipt; !u.At.IsZero() {
		r.Receipt = &Receipt{By: string(u.By), At: u.At.UTC(), Documents: u.Documents, Bytes: u.Bytes}
	}
	return r
}

func unlessZero(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

type inspection struct {
	Subject
	IfNoneMatch string `header:"If-None-Match" doc:"ETags that the client has; 304 if the organization has one of them still."`
}

type inspectOutput struct {
	Status int
	ETag   string `header:"ETag" doc:"The record's version, for If-Match and If-None-Match." example:"\"7\""`
	Body   Organization
}

// inspect returns the organization that a path names, or the problem that answers it.
func (s *Server) inspect(ctx context.Context, id string) (app.OrganizationDetails, error) {
	c, err := s.command(ctx, id, "")
	if err != nil {
		return app.OrganizationDetails{}, err
	}
	details, err := s.service.InspectOrganization(ctx, c.Organization)
	if err != nil {
		return details, s.operatorProblem(ctx, err)
	}
	return details, nil
}

func (s *Server) inspectOrganization(ctx context.Context, in *inspection) (*inspectOutput, error) {
	details, err := s.inspect(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &inspectOutput{Status: http.StatusOK, ETag: etag(details.Organization.Version), Body: Represent(details)}
	if !noneMatch(in.IfNoneMatch, out.ETag) {
		out.Status = http.StatusNotModified
	}
	return out, nil
}

// ListResponse is the body of the answer to GET /v1/organizations.
type ListResponse struct {
	Organizations []Organization `json:"organizations" nullable:"false" doc:"In the order of their IDs, which is that of their making."`
	NextCursor    string         `json:"next_cursor,omitempty" doc:"Send it as cursor for what follows; absent at the end. What follows may be nothing." example:"MDE5MzRmMWUtN2MxYS03YjNlLTlmMmQtNmExYjJjM2Q0ZTVm"`
}

type listOutput struct{ Body ListResponse }

func (s *Server) listOrganizations(ctx context.Context, in *listQuery) (*listOutput, error) {
	if actor(middleware.FromContext(ctx)) != domain.ActorOperator {
		return nil, s.problem(ctx, inQuery, domain.ErrUnauthenticated)
	}
	found, err := s.service.ListOrganizations(ctx, in.query)
	if err != nil {
		return nil, s.problem(ctx, inQuery, err)
	}
	list := make([]Organization, len(found))
	for i, o := range found {
		list[i] = Represent(app.OrganizationDetails{Organization: o})
	}
	out := &listOutput{ListResponse{Organizations: list}}
	if len(found) == in.query.Limit {
		out.Body.NextCursor = cursor(found[len(found)-1].ID)
	}
	return out, nil
}

// cursor makes the text by which a list goes on after an ID. It is opaque to clients, so
// that it may come to hold something else.
func cursor[ID ~string](after ID) string {
	return base64.RawURLEncoding.EncodeToString([]byte(after))
}

func parseCursor(s string) (domain.OrganizationID, error) {
	text, err := decodeCursor(s)
	if err != nil {
		return "", err
	}
	return organizationID(text)
}

func decodeCursor(s string) (string, error) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return string(text), err
}

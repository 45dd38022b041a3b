package httpapi_test

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

const (
	operatorToken = "an-operators-token-of-32-bytes-or-more"
	secondToken   = "another-operators-token-of-32-bytes-or-more"
)

func operated(o *httpapi.Options) {
	o.OperatorTokens = []domain.Secret{domain.NewSecret(operatorToken), domain.NewSecret(secondToken)}
}

// desk is what operators have asked of a fake.
type desk struct {
	query    ports.OrganizationQuery
	verb     string
	command  app.Command
	change   app.Change
	name     string
	requests map[string]domain.Request
	begin    func() error
	kept     error
	left     *domain.Usage
	// quota is what was set last, quotas how often.
	quota  *domain.Quota
	quotas int
	// moves are what is told of moves, to is where the last one leads.
	moves []domain.Move
	to    domain.Strategy
	// pending, if set, changes the operation that is pending.
	pending func(domain.Operation) domain.Operation
}

var made = time.Date(2026, 11, 22, 9, 30, 0, 123e6, time.UTC)

// rich is an organization with everything that one can have.
func rich() domain.Organization {
	o := organization(domain.StoredName("Acme Corp", "acme corp"))
	o.Version, o.UpdatedAt, o.Hold = 7, made, true
	o.Placement.Generation, o.Placement.State = 2, domain.PlacementOpen
	o.DeletedAt, o.PurgeAt = made.Add(time.Hour), made.Add(2*time.Hour)
	o.Receipt = domain.Receipt{By: domain.ActorRetention, At: made, Usage: domain.Usage{Documents: 3, Bytes: 40}}
	o.Pending = domain.Operation{
		ID: "op-2", Kind: domain.OperationUpdate, Phase: domain.PhaseForward, By: domain.ActorOwner, Email: domain.StoredEmail("office@example.com"),
		StartedAt: made, LeaseUntil: made.Add(time.Second), Attempt: 4, Failures: 3, Stuck: true,
	}
	o.Last = domain.Outcome{
		Operation: "op-1", Kind: domain.OperationUpdate, By: domain.ActorOperator, Refused: domain.CodeEmailTaken,
		StartedAt: made, EndedAt: made.Add(time.Second), Attempt: 2,
	}
	return o
}

func (f *fake) ListOrganizations(ctx context.Context, q ports.OrganizationQuery) ([]domain.Organization, error) {
	if err := f.asked(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.desk.query = q
	if q.After != "" {
		return nil, nil
	}
	return []domain.Organization{rich(), organization(domain.StoredName("Globex", "globex"))}, nil
}

func (f *fake) InspectOrganization(ctx context.Context, id domain.OrganizationID) (app.OrganizationDetails, error) {
	if err := f.asked(ctx); err != nil {
		return app.OrganizationDetails{}, err
	}
	if id != "org-1" {
		return app.OrganizationDetails{}, domain.ErrOrganizationNotFound
	}
	o := rich()
	if f.desk.pending != nil {
		o.Pending = f.desk.pending(o.Pending)
	}
	return app.OrganizationDetails{Organization: o, AdminEmail: domain.StoredEmail("admin@example.com")}, nil
}

func (f *fake) commanded(ctx context.Context, verb string, c app.Command) (domain.Organization, error) {
	if err := f.asked(ctx); err != nil {
		return domain.Organization{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case c.Organization != "org-1":
		return domain.Organization{}, domain.ErrOrganizationNotFound
	case c.IfVersion != 0 && c.IfVersion != 7:
		return domain.Organization{}, domain.ErrPreconditionFailed
	}
	f.desk.verb, f.desk.command = verb, c
	o := rich()
	o.Version = 8
	return o, nil
}

func (f *fake) UpdateByOperator(ctx context.Context, c app.Command, change app.Change) (app.UpdatedOrganization, error) {
	var err1, err2 error
	if change.Name != nil {
		_, err1 = domain.ParseName(*change.Name)
	}
	if change.Email != nil {
		_, err2 = domain.ParseEmail(*change.Email)
	}
	if err := domain.JoinInvalid(err1, err2); err != nil {
		return app.UpdatedOrganization{}, err
	}
	o, err := f.commanded(ctx, "change", c)
	f.desk.change = change
	return app.UpdatedOrganization{Old: rich(), New: o, AdminEmail: domain.StoredEmail("office@example.com")}, err
}

func (f *fake) DeleteByOperator(ctx context.Context, c app.Command) (domain.Organization, error) {
	return f.commanded(ctx, "remove", c)
}

func (f *fake) SuspendOrganization(ctx context.Context, c app.Command) (domain.Organization, error) {
	return f.commanded(ctx, "suspend", c)
}

func (f *fake) ActivateOrganization(ctx context.Context, c app.Command) (domain.Organization, error) {
	return f.commanded(ctx, "activate", c)
}

func (f *fake) RestoreOrganization(ctx context.Context, c app.Command, name string) (domain.Organization, error) {
	if name != "" {
		if _, err := domain.ParseName(name); err != nil {
			return domain.Organization{}, err
		}
	}
	o, err := f.commanded(ctx, "restore", c)
	f.desk.name = name
	return o, err
}

func (f *fake) HoldOrganization(ctx context.Context, c app.Command, hold bool) (domain.Organization, error) {
	return f.commanded(ctx, map[bool]string{true: "hold", false: "release"}[hold], c)
}

func (f *fake) PurgeOrganization(ctx context.Context, c app.Command) (domain.Organization, error) {
	return f.commanded(ctx, "purge", c)
}

func (f *fake) RetryOperation(ctx context.Context, c app.Command) (domain.Organization, error) {
	return f.commanded(ctx, "retry", c)
}

func (f *fake) AbortOperation(ctx context.Context, c app.Command) (domain.Organization, error) {
	return f.commanded(ctx, "abort", c)
}

func (f *fake) DropLeft(ctx context.Context, _ domain.Organization) (*domain.Usage, error) {
	return f.desk.left, f.asked(ctx)
}

func (f *fake) OrganizationUsage(ctx context.Context, id domain.OrganizationID) (app.OrganizationUsage, error) {
	if err := f.asked(ctx); err != nil {
		return app.OrganizationUsage{}, err
	}
	if id != "org-1" {
		return app.OrganizationUsage{}, domain.ErrOrganizationNotFound
	}
	u := app.OrganizationUsage{Usage: domain.Usage{Documents: 3, Bytes: 40}, MeasuredAt: made.In(time.FixedZone("east", 3600)), Quota: domain.Quota{Documents: 5, Bytes: 6}}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.desk.quota != nil {
		u.Quota, u.Own = *f.desk.quota, true
	}
	return u, nil
}

func (f *fake) SetQuota(ctx context.Context, id domain.OrganizationID, q *domain.Quota) (app.OrganizationUsage, error) {
	if q != nil {
		if _, err := domain.NewQuota(q.Documents, q.Bytes); err != nil {
			return app.OrganizationUsage{}, err
		}
	}
	f.mu.Lock()
	if id == "org-1" {
		f.desk.quota = q
		f.desk.quotas++
	}
	f.mu.Unlock()
	return f.OrganizationUsage(ctx, id)
}

func (f *fake) BeginRequest(_ context.Context, id, fingerprint string) (domain.Request, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.desk.begin != nil {
		if err := f.desk.begin(); err != nil {
			return domain.Request{}, err
		}
	}
	r, ok := f.desk.requests[id]
	switch {
	case ok && r.Fingerprint != fingerprint:
		return r, domain.ErrKeyReused
	case ok && r.Answered():
		return r, nil
	case ok && !r.LeaseUntil.IsZero():
		return r, domain.ErrKeyInUse
	case !ok:
		r = domain.Request{ID: id, Fingerprint: fingerprint, Operation: "op-of-the-request", Version: 1}
	}
	r.LeaseUntil = made
	return f.keep(r), nil
}

func (f *fake) ConcludeRequest(ctx context.Context, r domain.Request, answer []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.desk.kept != nil || ctx.Err() != nil {
		return f.desk.kept
	}
	f.keep(r.Conclude(answer))
	return nil
}

func (f *fake) ReleaseRequest(ctx context.Context, r domain.Request) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.desk.kept != nil || ctx.Err() != nil {
		return f.desk.kept
	}
	f.keep(r.TakeOver(time.Time{}))
	return nil
}

func (f *fake) keep(r domain.Request) domain.Request {
	if f.desk.requests == nil {
		f.desk.requests = map[string]domain.Request{}
	}
	f.desk.requests[r.ID] = r
	return r
}

// transfer is what exports and imports of a fake are about.
type transfer struct {
	// lines are what an export writes, one by one, before it fails.
	lines []string
	fail  error
	// got is what was imported from, offset and id what was asked with.
	got    string
	offset int64
	id     domain.OrganizationID
	done   app.Import
}

func (f *fake) ExportDocuments(ctx context.Context, id domain.OrganizationID, w io.Writer) (app.Export, error) {
	if err := f.asked(ctx); err != nil {
		return app.Export{}, err
	}
	f.transfer.id = id
	for _, line := range f.transfer.lines {
		if _, err := io.WriteString(w, line); err != nil {
			return app.Export{}, err
		}
	}
	return app.Export{}, f.transfer.fail
}

func (f *fake) ImportDocuments(ctx context.Context, id domain.OrganizationID, r io.Reader, offset int64) (app.Import, error) {
	if err := f.asked(ctx); err != nil {
		return app.Import{}, err
	}
	f.transfer.id, f.transfer.offset = id, offset
	text, err := io.ReadAll(r)
	f.transfer.got = string(text)
	return f.transfer.done, errors.Join(err, f.transfer.fail)
}

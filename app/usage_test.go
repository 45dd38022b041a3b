package app_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// gauge is an inventory that counts its measurements. before, if set, is called before
// each, and may fail it.
type gauge struct {
	ports.Inventory
	taken  atomic.Int64
	before func() error
}

func (g *gauge) Measure(ctx context.Context, p domain.Placement) (domain.Usage, error) {
	g.taken.Add(1)
	if g.before != nil {
		if err := g.before(); err != nil {
			return domain.Usage{}, err
		}
	}
	return g.Inventory.Measure(ctx, p)
}

// gauged puts the gauge in the place of the inventory.
func (g *gauge) gauged(d *app.Dependencies, _ *app.Options) {
	storage := d.Storage[domain.StrategyCollection]
	g.Inventory = storage.Inventory
	storage.Inventory = g
	d.Storage[domain.StrategyCollection] = storage
}

// readUsages counts the reads of usages. fail, if set, is what they get.
type readUsages struct {
	ports.Usages
	reads atomic.Int64
	fail  error
}

func (u *readUsages) ByOrganization(ctx context.Context, id domain.OrganizationID) (domain.UsageRecord, error) {
	u.reads.Add(1)
	if u.fail != nil {
		return domain.UsageRecord{}, u.fail
	}
	return u.Usages.ByOrganization(ctx, id)
}

func (u *readUsages) counted(d *app.Dependencies, _ *app.Options) { u.Usages, d.Usages = d.Usages, u }

// wantUsage fails t unless the organization's usage is told as such.
func wantUsage(t *testing.T, s *app.Service, id domain.OrganizationID, documents, bytes int64, at time.Time) app.OrganizationUsage {
	t.Helper()
	got, err := s.OrganizationUsage(t.Context(), id)
	if err != nil || got.Usage != (domain.Usage{Documents: documents, Bytes: bytes}) || !got.MeasuredAt.Equal(at) {
		t.Errorf("%+v, %v; want %d documents of %d bytes at %v", got, err, documents, bytes, at)
	}
	return got
}

func (r *documentsRig) put(t *testing.T, id, body string) error {
	t.Helper()
	_, err := r.documents.Put(t.Context(), domain.Document{ID: domain.DocumentID(id), Body: domain.BodyOf(body)}, "")
	return err
}

func (r *documentsRig) mustPut(t *testing.T, id, body string) {
	t.Helper()
	if err := r.put(t, id, body); err != nil {
		t.Fatalf("put %s: %v", id, err)
	}
}

func TestUsageIsCheapToRead(t *testing.T) {
	g := &gauge{}
	r := newDocumentsRig(t, g.gauged)
	id, first := r.organization.ID, r.clock.time()
	wantUsage(t, r.Service, id, 1, 7, first)
	r.mustPut(t, "second", `{"b":22}`)
	r.clock.pass(app.UsageAge - time.Millisecond)
	wantUsage(t, r.Service, id, 1, 7, first)
	if n := g.taken.Load(); n != 1 {
		t.Errorf("measured %d times", n)
	}
	r.clock.pass(time.Millisecond)
	wantUsage(t, r.Service, id, 2, 15, r.clock.time())
	wantUsage(t, beside(t, r.rig).Service, id, 2, 15, r.clock.time())
	r.clock.pass(-time.Hour) // The clock is set back: what was measured is of no known age.
	wantUsage(t, r.Service, id, 2, 15, r.clock.time())
	if n := g.taken.Load(); n != 3 {
		t.Errorf("measured %d times", n)
	}
	if o, err := r.store.Organizations().ByID(t.Context(), id); err != nil || o.Version != r.organization.Version {
		t.Errorf("the version is %d, was %d (%v)", o.Version, r.organization.Version, err)
	}
}

func TestUsageInEveryStatus(t *testing.T) {
	r := newDocumentsRig(t, func(_ *app.Dependencies, o *app.Options) { o.DeleteRetention = time.Hour })
	id, quota := r.organization.ID, domain.Quota{Documents: 7}
	_, err := r.OrganizationUsage(t.Context(), "nobody")
	wantError(t, err, domain.ErrOrganizationNotFound)
	_, err = r.SetQuota(t.Context(), "nobody", &quota)
	wantError(t, err, domain.ErrOrganizationNotFound)
	for _, change := range []func(context.Context, app.Command) (domain.Organization, error){r.SuspendOrganization, r.DeleteByOperator} {
		if _, err := change(t.Context(), r.command()); err != nil {
			t.Fatal(err)
		}
		r.clock.pass(app.UsageAge)
		wantUsage(t, r.Service, id, 1, 7, r.clock.time())
		if got, err := r.SetQuota(t.Context(), id, &quota); err != nil || got.Quota != quota || !got.Own || got.Documents != 1 {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if _, err := r.PurgeOrganization(t.Context(), r.command()); err != nil {
		t.Fatal(err)
	}
	_, err = r.OrganizationUsage(t.Context(), id)
	wantError(t, err, domain.ErrOrganizationNotFound)
	_, err = r.SetQuota(t.Context(), id, &quota)
	wantError(t, err, domain.ErrOrganizationNotFound)
	if record, err := r.store.Usages().ByOrganization(t.Context(), id); err != nil || record != (domain.UsageRecord{Organization: id}) {
		t.Errorf("after the purge: %+v, %v", record, err)
	}
}

// A usage is exact after a check, also of an organization that is suspended.
func TestCheckMeasures(t *testing.T) {
	g := &gauge{}
	r := newDocumentsRig(t, g.gauged)
	id := r.organization.ID
	other := r.mustCreate(t, "Globex", "admin@globex.example")
	wantUsage(t, r.Service, id, 1, 7, r.clock.time())
	before := r.clock.time()
	wantUsage(t, r.Service, other.ID, 0, 0, before)
	r.mustPut(t, "second", `{"b":22}`)
	if _, err := r.SuspendOrganization(t.Context(), r.command()); err != nil {
		t.Fatal(err)
	}
	r.clock.pass(time.Second)
	check := func() error {
		return r.Check(t.Context(), app.CheckOptions{Found: func(f app.Finding) { t.Errorf("found: %+v", f) }})
	}
	if err := check(); err != nil {
		t.Fatal(err)
	}
	wantUsage(t, r.Service, id, 2, 15, r.clock.time())
	wantUsage(t, r.Service, other.ID, 0, 0, before) // Nothing was to be written.
	g.before = func() error { return domain.ErrStoreUnavailable }
	wantError(t, check(), domain.ErrStoreUnavailable)
}

// A measurement is of the documents wherever they have gone meanwhile.
func TestUsageDuringARename(t *testing.T) {
	g := &gauge{}
	r := newDocumentsRig(t, g.gauged)
	names := []string{"Globex", "Initech"}
	g.before = func() error {
		if len(names) > 0 {
			next := names[0]
			names = names[1:]
			r.renameTo(t, next)
		}
		return nil
	}
	wantUsage(t, r.Service, r.organization.ID, 1, 7, r.clock.time())
	if n := g.taken.Load(); n != 3 {
		t.Errorf("measured %d times", n)
	}
}

func TestUsageErrors(t *testing.T) {
	g, u := &gauge{}, &readUsages{}
	r := newDocumentsRig(t, g.gauged, u.counted)
	g.before = func() error { return domain.ErrStoreUnavailable }
	_, err := r.OrganizationUsage(t.Context(), r.organization.ID)
	wantError(t, err, domain.ErrStoreUnavailable)
	g.before = nil
	u.fail = domain.ErrStoreUnavailable
	_, err = r.OrganizationUsage(t.Context(), r.organization.ID)
	wantError(t, err, domain.ErrStoreUnavailable)
	u.fail = nil
	_, err = r.SetQuota(t.Context(), r.organization.ID, &domain.Quota{Documents: -1, Bytes: -1})
	wantError(t, err, domain.Invalid("", ""))
	wantUsage(t, r.Service, r.organization.ID, 1, 7, r.clock.time())
}

// beside returns another service on the rig's store, as another process has it.
func beside(t *testing.T, r *rig, change ...func(*app.Dependencies, *app.Options)) *documentsRig {
	t.Helper()
	other := &rig{store: r.store, hasher: r.hasher, clock: r.clock}
	var err error
	if other.Service, err = other.serve(change...); err != nil {
		t.Fatal(err)
	}
	return &documentsRig{rig: other}
}

// What can't be counted, though the store answers, is dropped, and a check goes on past it.
func TestWhatCannotBeCounted(t *testing.T) {
	g := &gauge{}
	r := newDocumentsRig(t, g.gauged)
	r.mustCreate(t, "Globex", "admin@globex.example")
	damage := errors.New("a file has gone")
	g.before = func() error { return damage }
	var found []app.FindingKind
	err := r.Check(t.Context(), app.CheckOptions{Found: func(f app.Finding) { found = append(found, f.Kind) }})
	if want := []app.FindingKind{app.FindingUnreadable, app.FindingUnreadable}; err != nil || !slices.Equal(found, want) {
		t.Errorf("a check found %v, %v; want %v", found, err, want)
	}
	g.before = func() error { return domain.ErrStoreUnavailable }
	if _, err := r.DeleteByOperator(t.Context(), r.command()); !errors.Is(err, domain.ErrStoreUnavailable) {
		t.Errorf("while the store is away: %v", err)
	}
	g.before = func() error { return damage }
	r.clock.pass(time.Minute)
	if err := r.Reconcile(t.Context()); err != nil {
		t.Error(err)
	}
	details, err := r.InspectOrganization(t.Context(), r.organization.ID)
	if err != nil || details.Organization.Status != domain.StatusPurged {
		t.Errorf("it is %s, %v", details.Organization.Status, err)
	}
}

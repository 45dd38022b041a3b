package contract

import (
	"fmt"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

func directoryStatuses(t *testing.T, r Registry) {
	ids := map[domain.Status][]domain.OrganizationID{}
	statuses := []domain.Status{
		domain.StatusProvisioning, domain.StatusActive, domain.StatusSuspended, domain.StatusDeleted, domain.StatusPurged,
	}
	for i := range 15 {
		o := numbered(t, i)
		o.Status = statuses[i%len(statuses)]
		insertOrganizations(t, r, o)
		ids[o.Status] = append(ids[o.Status], o.ID)
	}
	for _, status := range statuses {
		wantListed(t, r, string(status), ports.OrganizationQuery{Statuses: []domain.Status{status}}, ids[status]...)
	}
	both := append(append([]domain.OrganizationID{}, ids[domain.StatusActive]...), ids[domain.StatusPurged]...)
	wantListed(t, r, "two statuses",
		ports.OrganizationQuery{Statuses: []domain.Status{domain.StatusActive, domain.StatusPurged, domain.StatusActive}}, both...)
	wantListed(t, r, "no status at all", ports.OrganizationQuery{Statuses: []domain.Status{"Active"}})
	wantListed(t, r, "an empty status", ports.OrganizationQuery{Statuses: []domain.Status{""}})
}

// directoryPrefix has names that a pattern, a collation or a wrong upper bound
// would take for one another.
func directoryPrefix(t *testing.T, r Registry) {
	keys := []string{
		"acme", "acme corp", "acme%", "acme_", "acme.", "acmé", "acme\u0301", "acmf", "acm", "a", "b", "acme\U0010ffff", "acme\U0010ffffz",
		"%", "_", ".*", "\\", "'; --", "株式会社", "株式", "株", "\U0010ffff", "\ud7ff", "\ue000", "z",
	}
	for i, key := range keys {
		o := numbered(t, i)
		o.Name = domain.StoredName("Shown "+key, key)
		insertOrganizations(t, r, o)
	}
	prefixes := append([]string{"ac", "acme c", "acme\U0010ffff", "株式", "nothing", "Acme", "acme corp ", "acme corporation", "$", "\x01"}, keys...)
	for _, prefix := range prefixes {
		var want []domain.OrganizationID
		for i, key := range keys {
			if len(key) >= len(prefix) && key[:len(prefix)] == prefix {
				want = append(want, numbered(t, i).ID)
			}
		}
		wantListed(t, r, fmt.Sprintf("the prefix %q", prefix), ports.OrganizationQuery{NameKeyPrefix: prefix}, want...)
	}
}

func directoryCreation(t *testing.T, r Registry) {
	var all []domain.Organization
	for i := range 5 {
		all = append(all, numbered(t, i)) // created at(i)
	}
	early := numbered(t, 5)
	early.CreatedAt = time.Date(999, 1, 1, 0, 0, 0, 0, time.UTC)
	insertOrganizations(t, r, append(all, early)...)
	ids := idsOf(all)
	for _, c := range []struct {
		what         string
		from, before time.Time
		want         []domain.OrganizationID
	}{
		{"all from a time", at(2), time.Time{}, ids[2:]},
		{"all before a time", time.Time{}, at(2), append([]domain.OrganizationID{early.ID}, ids[:2]...)},
		{"a time between", at(1), at(3), ids[1:3]},
		{"one millisecond", at(1), at(1).Add(time.Millisecond), ids[1:2]},
		{"no time", at(1), at(1), nil},
		{"a time that runs backwards", at(3), at(1), nil},
		{"after the millisecond", at(1).Add(time.Nanosecond), at(4), ids[2:4]},
		{"up to the millisecond", at(1), at(3).Add(time.Nanosecond), ids[1:4]},
		{"another zone", at(1).In(time.FixedZone("west", -8*3600)), at(3).In(time.FixedZone("east", 8*3600)), ids[1:3]},
		{"later", at(100), time.Time{}, nil},
	} {
		wantListed(t, r, c.what, ports.OrganizationQuery{CreatedFrom: c.from, CreatedBefore: c.before}, c.want...)
	}
}

func directoryStuck(t *testing.T, r Registry) {
	stuck, busy, idle := leased(t, 1, at(10)), leased(t, 2, at(10)), numbered(t, 3)
	stuck.Pending.Stuck = true
	insertOrganizations(t, r, stuck, busy, idle)
	wantListed(t, r, "stuck ones", ports.OrganizationQuery{Stuck: true}, stuck.ID)
	wantListed(t, r, "all", ports.OrganizationQuery{}, stuck.ID, busy.ID, idle.ID)
	freed := stuck
	freed.Pending.Stuck, freed.Version = false, stuck.Version+1
	must(t, "Replace", r.Organizations.Replace(t.Context(), freed, stuck.Version))
	wantListed(t, r, "stuck ones", ports.OrganizationQuery{Stuck: true})
}

// directoryAllFilters has, beside the one that is asked for, one that differs by
// each of the filters alone.
func directoryAllFilters(t *testing.T, r Registry) {
	match := func(n int) domain.Organization {
		o := named(t, n, fmt.Sprintf("Wanted %d", n))
		o = renaming(o, mustName(t, fmt.Sprintf("Renamed %d", n)))
		o.Status, o.CreatedAt, o.Pending.Stuck = domain.StatusSuspended, at(50), true
		return o
	}
	wanted, also := match(1), match(2)
	status, name, early, late, free := match(3), match(4), match(5), match(6), match(7)
	status.Status = domain.StatusActive
	name.Name = mustName(t, "Unwanted")
	early.CreatedAt, late.CreatedAt = at(49), at(51)
	free.Pending.Stuck = false
	insertOrganizations(t, r, status, name, wanted, early, late, free, also)
	q := ports.OrganizationQuery{
		Statuses:      []domain.Status{domain.StatusSuspended, domain.StatusDeleted},
		NameKeyPrefix: "wanted",
		CreatedFrom:   at(50),
		CreatedBefore: at(51),
		Stuck:         true,
	}
	wantListed(t, r, "all filters", q, wanted.ID, also.ID)
	q.After = wanted.ID
	wantListed(t, r, "all filters after the first", q, also.ID)
	q.After = also.ID
	wantListed(t, r, "all filters after the last", q)
}

// directoryBesideWriters walks while others write: what is there all the time is
// met once, nothing is met twice.
func directoryBesideWriters(t *testing.T, r Registry) {
	const settled = 40
	all := make([]domain.Organization, settled)
	for i := range all {
		all[i] = numbered(t, i)
		all[i].ID = domain.OrganizationID(fmt.Sprintf("settled-%03d", i*10))
	}
	insertOrganizations(t, r, all...)
	done := make(chan error, 1)
	stop := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 300 {
			select {
			case <-stop:
				return
			default:
			}
			// One comes, before or after where the walk is, and one changes.
			comes := numbered(t, 1000+i)
			comes.ID = domain.OrganizationID(fmt.Sprintf("settled-%03d-%d", (i*37)%(settled*10), i))
			if err := r.Organizations.Insert(t.Context(), comes); err != nil {
				done <- err
				return
			}
			o := &all[i%settled]
			next := renaming(*o, domain.StoredName(fmt.Sprint("Name ", i), fmt.Sprint("name ", i)))
			if err := r.Organizations.Replace(t.Context(), next, o.Version); err != nil {
				done <- err
				return
			}
			*o = next
		}
	}()
	for range 5 {
		met := map[domain.OrganizationID]int{}
		for _, o := range walk(t, r, ports.OrganizationQuery{}, 7) {
			met[o.ID]++
		}
		for id, times := range met {
			if times > 1 {
				t.Errorf("%s was met %d times", id, times)
			}
		}
		for i := range settled {
			if id := domain.OrganizationID(fmt.Sprintf("settled-%03d", i*10)); met[id] != 1 {
				t.Errorf("%s was met %d times, want once", id, met[id])
			}
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Errorf("a write beside the walk: %s", describe(err))
	}
}

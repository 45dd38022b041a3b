package contract

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// expiring returns a request that may be forgotten from the time on.
func expiring(n int, expires time.Time) domain.Request {
	q := numberedRequest(n)
	q.ExpiresAt = expires
	return q
}

func requestForget(t *testing.T, r Registry) {
	forget(t, r, at(1000), 10, 0)
	end := at(10)
	early, boundary, late := expiring(1, at(5)), expiring(2, end), expiring(3, at(20))
	// An answer and a lease are no matter.
	early.Answer, late.LeaseUntil = []byte("answer"), at(1)
	insertRequests(t, r, late, boundary, early)

	forget(t, r, at(4), 10, 0)
	forget(t, r, at(1000), 0, 0)
	forget(t, r, end.Add(-time.Millisecond), 10, 1)
	wantNoRequest(t, r, early.ID)
	wantRequest(t, r, boundary)
	forget(t, r, end.In(time.FixedZone("west", -8*3600)), 10, 1)
	wantNoRequest(t, r, boundary.ID)
	wantRequest(t, r, late)
	wantError(t, "Replace of what is forgotten", r.Requests.Replace(t.Context(), boundary.TakeOver(at(9)), 1), domain.ErrVersionConflict)

	// The ID is free, and is kept for its own time.
	again := expiring(1, at(30))
	insertRequests(t, r, again)
	forget(t, r, at(25), 10, 1)
	wantNoRequest(t, r, late.ID)
	wantRequest(t, r, again)

	// What is longer needed than it was is kept.
	longer := again
	longer.ExpiresAt, longer.Version = at(50), again.Version+1
	must(t, "Replace", r.Requests.Replace(t.Context(), longer, again.Version))
	forget(t, r, at(40), 10, 0)
	wantRequest(t, r, longer)
}

func requestForgetMany(t *testing.T, r Registry) {
	const all = 60
	for i := range all {
		insertRequests(t, r, expiring(i, at(i/2)), expiring(1000+i, at(1000)))
	}
	forget(t, r, at(500), 1, 1)
	forget(t, r, at(500), 25, 25)
	left := 0
	for i := range all {
		if _, err := r.Requests.ByID(t.Context(), fmt.Sprintf("request-%d", i)); err == nil {
			left++
		}
		wantRequest(t, r, expiring(1000+i, at(1000)))
	}
	if left != all-26 {
		t.Errorf("%d are left, want %d", left, all-26)
	}
	forget(t, r, at(500), 10_000, all-26)
	forget(t, r, at(500), 10_000, 0)
	forget(t, r, at(1000), 10_000, all)
}

func requestForgetAtOnce(t *testing.T, r Registry) {
	const all = 50
	for i := range all {
		insertRequests(t, r, expiring(i, at(1)), expiring(1000+i, at(1000)))
	}
	var forgotten atomic.Int64
	wantAllWin(t, "Forget at once", race(func(int) error {
		n, err := r.Requests.Forget(t.Context(), at(500), 10)
		forgotten.Add(int64(n))
		return err
	}))
	// Who finds what another has just removed may come back with less.
	rest, err := r.Requests.Forget(t.Context(), at(500), 1000)
	must(t, "Forget", err)
	if n := forgotten.Load() + int64(rest); n != all {
		t.Errorf("%d were told to be forgotten, want %d", n, all)
	}
	forget(t, r, at(1000), 1000, all)
}

func requestRaceForID(t *testing.T, r Registry) {
	all := make([]domain.Request, racers)
	for i := range all {
		all[i] = numberedRequest(i)
		all[i].ID = "contested"
	}
	results := race(func(i int) error { return r.Requests.Insert(t.Context(), all[i]) })
	if winner := wantOneWinner(t, results, domain.ErrVersionConflict); winner >= 0 {
		wantRequest(t, r, all[winner])
	}
}

func requestRaceForVersion(t *testing.T, r Registry) {
	q := numberedRequest(1)
	insertRequests(t, r, q)
	versions := make([]domain.Request, racers)
	for i := range versions {
		versions[i] = q.TakeOver(at(90 + i))
	}
	results := race(func(i int) error { return r.Requests.Replace(t.Context(), versions[i], q.Version) })
	if winner := wantOneWinner(t, results, domain.ErrVersionConflict); winner >= 0 {
		wantRequest(t, r, versions[winner])
	}
}

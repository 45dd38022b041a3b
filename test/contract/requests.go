package contract

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

var requestChecks = []check[Registry]{
	{"RoundTrip", requestRoundTrip},
	{"RoundTripOfZeroValues", requestRoundTripZero},
	{"AnswersSurvive", requestAnswers},
	{"TimesToTheMillisecondInUTC", requestTimes},
	{"IDsAreOpaque", requestIDs},
	{"NotFound", requestNotFound},
	{"InsertErrors", requestInsertErrors},
	{"ReplaceComparesAndSets", requestCompareAndSet},
	{"Forget", requestForget},
	{"ForgetManyRequests", requestForgetMany},
	{"ForgetAtOnce", requestForgetAtOnce},
	{"Isolation", requestIsolation},
	{"RaceForAnID", requestRaceForID},
	{"RaceForAVersion", requestRaceForVersion},
	{"ContextEnds", requestContextEnds},
}

// insertRequests writes all of them.
func insertRequests(t *testing.T, r Registry, requests ...domain.Request) {
	t.Helper()
	for _, q := range requests {
		must(t, fmt.Sprintf("Insert(%s)", q.ID), r.Requests.Insert(t.Context(), q))
	}
}

// wantRequest fails t unless the record under q's ID is q.
func wantRequest(t *testing.T, r Registry, q domain.Request) {
	t.Helper()
	what := fmt.Sprintf("ByID(%q)", q.ID)
	got, err := r.Requests.ByID(t.Context(), q.ID)
	must(t, what, err)
	wantRecord(t, what, got, q)
	if got.Answered() != q.Answered() {
		t.Errorf("%s: got Answered %v, want %v", what, got.Answered(), q.Answered())
	}
}

// wantNoRequest fails t when a request has the ID.
func wantNoRequest(t *testing.T, r Registry, id string) {
	t.Helper()
	_, err := r.Requests.ByID(t.Context(), id)
	wantError(t, fmt.Sprintf("ByID(%q)", id), err, domain.ErrRequestNotFound)
}

// forget calls Forget and fails t unless it removes just as many.
func forget(t *testing.T, r Registry, until time.Time, limit, want int) {
	t.Helper()
	what := fmt.Sprintf("Forget(%s, %d)", until.Format(time.StampMilli), limit)
	got, err := r.Requests.Forget(t.Context(), until, limit)
	must(t, what, err)
	if got != want {
		t.Errorf("%s: got %d, want %d", what, got, want)
	}
}

func requestRoundTrip(t *testing.T, r Registry) {
	want := fullRequest()
	insertRequests(t, r, want)
	wantRequest(t, r, want)

	// The same by Replace, from a record that differs in all.
	before := numberedRequest(1)
	insertRequests(t, r, before)
	next := fullRequest()
	next.ID = before.ID
	must(t, "Replace", r.Requests.Replace(t.Context(), next, before.Version))
	wantRequest(t, r, next)
	wantRequest(t, r, want)
}

func requestRoundTripZero(t *testing.T, r Registry) {
	bare := domain.Request{ID: "bare", Version: 1}
	insertRequests(t, r, bare)
	wantRequest(t, r, bare)

	// What was set and is not any more is gone.
	set := fullRequest()
	insertRequests(t, r, set)
	emptied := domain.Request{ID: set.ID, Version: set.Version + 1}
	must(t, "Replace", r.Requests.Replace(t.Context(), emptied, set.Version))
	wantRequest(t, r, emptied)
}

// requestAnswers keeps answers of several kinds. An empty one is an answer.
func requestAnswers(t *testing.T, r Registry) {
	for i, answer := range [][]byte{
		{}, {0}, []byte(`{"status":201}`), bytes.Repeat([]byte{0, 0xff, 'a', '\n'}, 1024), []byte("null"), []byte("é株"),
	} {
		inserted := numberedRequest(i)
		inserted.Answer = answer
		insertRequests(t, r, inserted)
		wantRequest(t, r, inserted)

		open := numberedRequest(100 + i)
		insertRequests(t, r, open)
		answered := open.Conclude(answer)
		must(t, "Replace", r.Requests.Replace(t.Context(), answered, open.Version))
		wantRequest(t, r, answered)
	}
}

func requestTimes(t *testing.T, r Registry) {
	written, want := fullRequest(), fullRequest()
	written.LeaseUntil, want.LeaseUntil = finer(11), at(11)
	written.ExpiresAt, want.ExpiresAt = finer(12), at(12)
	insertRequests(t, r, written)
	wantRequest(t, r, want)
}

func requestIDs(t *testing.T, r Registry) {
	var all []domain.Request
	for i, id := range opaqueIDs {
		q := numberedRequest(i)
		q.ID, q.Operation = id, domain.OperationID(id)
		all = append(all, q)
	}
	for _, q := range all {
		wantNoRequest(t, r, q.ID)
		insertRequests(t, r, q)
	}
	for _, q := range all {
		wantRequest(t, r, q)
	}
}

func requestNotFound(t *testing.T, r Registry) {
	insertRequests(t, r, numberedRequest(1))
	for _, id := range []string{"", "request-2", "Request-1", "request-1 ", "request-%", "request_1", ".*"} {
		wantNoRequest(t, r, id)
	}
}

func requestInsertErrors(t *testing.T, r Registry) {
	first := numberedRequest(1)
	insertRequests(t, r, first)
	same := numberedRequest(2)
	same.ID = first.ID
	wantError(t, "Insert with an ID that exists", r.Requests.Insert(t.Context(), same), domain.ErrVersionConflict)
	wantError(t, "Insert of the same again", r.Requests.Insert(t.Context(), first), domain.ErrVersionConflict)
	wantRequest(t, r, first)

	// All but the ID may be the same.
	twin := first
	twin.ID = "twin"
	insertRequests(t, r, twin)
	wantRequest(t, r, twin)
	wantRequest(t, r, first)
}

func requestCompareAndSet(t *testing.T, r Registry) {
	ctx := t.Context()
	first := numberedRequest(1)
	insertRequests(t, r, first)
	second := first.TakeOver(at(50))
	for _, wrong := range []int64{-1, 0, 2, 3} {
		wantError(t, "Replace with another version", r.Requests.Replace(ctx, second, wrong), domain.ErrVersionConflict)
		wantRequest(t, r, first)
	}
	must(t, "Replace", r.Requests.Replace(ctx, second, 1))
	wantRequest(t, r, second)
	wantError(t, "Replace a second time", r.Requests.Replace(ctx, second, 1), domain.ErrVersionConflict)
	third := second.Conclude([]byte("answer"))
	must(t, "Replace", r.Requests.Replace(ctx, third, second.Version))
	wantRequest(t, r, third)

	missing := numberedRequest(2)
	for _, version := range []int64{0, 1} {
		wantError(t, "Replace of one that doesn't exist", r.Requests.Replace(ctx, missing, version), domain.ErrVersionConflict)
	}
	wantNoRequest(t, r, missing.ID)
}

func requestIsolation(t *testing.T, r Registry) {
	requests := []domain.Request{numberedRequest(1), numberedRequest(2)}
	insertRequests(t, r, requests...)
	for i := range requests {
		subject, bystander := &requests[i], requests[1-i]
		next := subject.TakeOver(at(60)).Conclude([]byte("answer of " + subject.ID))
		must(t, "Replace", r.Requests.Replace(t.Context(), next, subject.Version))
		*subject = next
		wantRequest(t, r, next)
		wantRequest(t, r, bystander)
	}
	for i := range requests {
		subject, bystander := requests[i], requests[1-i]
		late := subject
		late.ExpiresAt, late.Version = at(1), subject.Version+1
		must(t, "Replace", r.Requests.Replace(t.Context(), late, subject.Version))
		forget(t, r, at(2), 10, 1)
		wantNoRequest(t, r, subject.ID)
		wantRequest(t, r, bystander)
		insertRequests(t, r, subject)
	}
}

func requestContextEnds(t *testing.T, r Registry) {
	q := numberedRequest(1)
	insertRequests(t, r, q)
	wantUnavailable(t, []call{
		{"Insert", func(ctx context.Context) error { return r.Requests.Insert(ctx, numberedRequest(2)) }},
		{"ByID", func(ctx context.Context) error { _, err := r.Requests.ByID(ctx, q.ID); return err }},
		{"Replace", func(ctx context.Context) error { return r.Requests.Replace(ctx, q.TakeOver(at(9)), q.Version) }},
		{"Forget", func(ctx context.Context) error { _, err := r.Requests.Forget(ctx, at(5000), 10); return err }},
	})
	wantRequest(t, r, q)
}

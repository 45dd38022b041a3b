package httpapi_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

func moving(body ...string) *http.Request {
	if body == nil {
		body = []string{`{"strategy":"shared"}`}
	}
	return onDesk("POST", orgPath+"/move")(body...)
}

// runningMove is a move with everything that one under way can have.
func runningMove() domain.Move {
	east := time.FixedZone("east", 3600)
	return domain.Move{
		Operation: "op-3", Organization: "org-1", By: domain.ActorOperator,
		From:   domain.Placement{Strategy: domain.StrategyDatabase, Database: "db", Namespace: "org_acme_corp", Generation: 2},
		To:     domain.Placement{Strategy: domain.StrategyShared, Database: "db", Namespace: "org_acme_corp_2", Generation: 3},
		Source: "a secret of the engine", Target: "another one", Position: "a third one",
		Stage: domain.MoveCopying,
		Total: domain.Usage{Documents: 100, Bytes: 4000}, Done: domain.Usage{Documents: 25, Bytes: 1000}, Took: 5 * time.Second,
		StartedAt: made.In(east), UpdatedAt: made.Add(time.Minute).In(east), DueAt: made.Add(2 * time.Minute).In(east), Version: 4,
	}
}

const movingJSON = `{"operation":"op-3","by":"operator","from":{"strategy":"database","database":"db_org_acme_corp","namespace":"org_acme_corp"},` +
	`"to":{"strategy":"shared","database":"db","namespace":"org_acme_corp_2"},"stage":"copying","paused":false,` +
	progressJSON + `"failures":0,"started_at":"2026-11-22T09:30:00.123Z","updated_at":"2026-11-22T09:31:00.123Z"}`

const progressJSON = `"documents":{"total":100,"done":25},"bytes":{"total":4000,"done":1000},"documents_per_second":5,"bytes_per_second":200,"seconds_left":15,`

func TestMoves(t *testing.T) {
	fresh, failed, paused, kept, unsure, back := runningMove(), runningMove(), runningMove(), runningMove(), runningMove(), runningMove()
	back.Stage = domain.MoveBack
	fresh.Took, fresh.Total, fresh.Done = 0, domain.Usage{}, domain.Usage{}
	failed.Failures = 3
	paused.Paused, paused.Failures, paused.DueAt = true, 1, domain.Forever
	kept.Stage, kept.Held = domain.MoveKept, 1234567*time.Microsecond
	kept.Total, kept.Done, kept.Took = domain.Usage{}, domain.Usage{}, 0
	unsure.Stage, unsure.Failures, unsure.Held = domain.MoveKept, 2, time.Microsecond
	for name, test := range map[string]struct {
		move    domain.Move
		replace []string
	}{
		"running": {runningMove(), nil},
		"fresh": {fresh, []string{
			`"total":100,"done":25`, `"total":0,"done":0`, `"total":4000,"done":1000`, `"total":0,"done":0`, `"documents_per_second":5,"bytes_per_second":200,"seconds_left":15,`, ``,
		}},
		"back":   {back, []string{progressJSON, ``, `copying`, `back`}},
		"failed": {failed, []string{`"failures":0`, `"failures":3`, `09:31:00.123Z"}`, `09:31:00.123Z","retry_at":"2026-11-22T09:32:00.123Z"}`}},
		"paused": {paused, []string{`"failures":0`, `"failures":1`, `"paused":false`, `"paused":true`}},
		"kept": {kept, []string{
			progressJSON, `"held_ms":1234,`, `copying`, `kept`, `09:31:00.123Z"}`, `09:31:00.123Z","kept_until":"2026-11-22T09:32:00.123Z"}`,
		}},
		"kept, failed": {unsure, []string{
			progressJSON, `"held_ms":0,`, `copying`, `kept`, `"failures":0`, `"failures":2`, `09:31:00.123Z"}`, `09:31:00.123Z","retry_at":"2026-11-22T09:32:00.123Z"}`,
		}},
	} {
		f := &fake{desk: desk{moves: []domain.Move{test.move, runningMove()}}}
		s := server(t, f, operated)
		r := desks["moves"]()
		w := do(s, r)
		want := `{"moves":[` + strings.NewReplacer(test.replace...).Replace(movingJSON) + `,` + movingJSON + `]}`
		if got := strings.TrimSpace(w.Body.String()); w.Code != 200 || got != want {
			t.Errorf("%s: %d\n%s\nwant\n%s", name, w.Code, got, want)
		}
		describes(t, s, r, w)
	}
	s := server(t, &fake{}, operated)
	if w := do(s, desks["moves"]()); w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"moves":[]}` {
		t.Errorf("without any: %d %s", w.Code, w.Body)
	}
	wantProblem(t, do(s, onDesk("GET", "/v1/organizations/nobody/move")()), 404, "organization_not_found")
}

func TestMoveOrganization(t *testing.T) {
	f := &fake{desk: desk{moves: []domain.Move{runningMove()}}}
	s := server(t, f, operated)
	r := keyed(moving(), "k")
	w := do(s, r)
	if w.Code != 202 || w.Header().Get("Location") != orgPath+"/move" || strings.TrimSpace(w.Body.String()) != `{"moves":[`+movingJSON+`]}` || f.desk.to != domain.StrategyShared {
		t.Errorf("%d %v %s, to %s", w.Code, w.Header(), w.Body, f.desk.to)
	}
	describes(t, s, r, w)
	f.desk.moves, f.desk.to = nil, ""
	again := do(s, keyed(moving(), "k"))
	if again.Code != 202 || again.Body.String() != w.Body.String() || again.Header().Get("Location") != orgPath+"/move" || again.Header().Get("Idempotency-Replayed") != "true" || f.desk.to != "" {
		t.Errorf("again: %d %v %s, to %s", again.Code, again.Header(), again.Body, f.desk.to)
	}
	r = moving(`{"strategy":"collection"}`)
	w = do(s, r)
	if _, told := w.Header()["Location"]; w.Code != 200 || told || strings.TrimSpace(w.Body.String()) != `{"moves":[]}` {
		t.Errorf("to where it is: %d %v %s", w.Code, w.Header(), w.Body)
	}
	describes(t, s, r, w)
	f.desk.to = ""
	wantProblem(t, do(s, keyed(moving(`{"strategy":"database"}`), "k")), 422, "idempotency_key_reused")
	if p := wantProblem(t, do(s, moving(`{"strategy":"other"}`)), 422, "invalid_request"); len(p.Errors) != 1 || p.Errors[0].Location != "body.strategy" {
		t.Errorf("%v", p.Errors)
	}
	if f.desk.to != "" {
		t.Errorf("it moves to %s", f.desk.to)
	}
}

// TestMoveBegunButNotRead sees that a request whose move has begun can be sent again.
func TestMoveBegunButNotRead(t *testing.T) {
	calls := 0
	f := &fake{answer: func(context.Context) error {
		if calls++; calls == 2 {
			return domain.ErrStoreUnavailable
		}
		return nil
	}}
	s := server(t, f, operated)
	wantProblem(t, do(s, keyed(moving(), "k")), 503, "store_unavailable")
	if w := do(s, keyed(moving(), "k")); w.Code != 202 || f.desk.command.Operation != "op-of-the-request" || w.Header()["Idempotency-Replayed"] != nil {
		t.Errorf("%d %v, %+v", w.Code, w.Header(), f.desk.command)
	}
}

func TestMoveConditions(t *testing.T) {
	f := &fake{}
	s := server(t, f, operated)
	for _, route := range moved {
		for condition, version := range map[string]int64{"": 0, "*": 0, `"7"`: 7} {
			r := desks[route]()
			if condition != "" {
				r.Header.Set("If-Match", condition)
			}
			w := do(s, r)
			want := app.Command{Organization: "org-1", IfVersion: version, By: domain.ActorOperator}
			if w.Code/100 != 2 || f.desk.verb != route || f.desk.command != want {
				t.Errorf("%s, If-Match %s: %d %s, %s %+v", route, condition, w.Code, w.Body, f.desk.verb, f.desk.command)
			}
			if route != "move" && strings.TrimSpace(w.Body.String()) != movingJSON {
				t.Errorf("%s: %s", route, w.Body)
			}
			describes(t, s, r, w)
		}
		for _, stale := range []string{`"6"`, `W/"7"`, `"v7"`} {
			r := desks[route]()
			r.Header.Set("If-Match", stale)
			wantProblem(t, do(s, r), 412, "precondition_failed")
		}
	}
}

// TestPendingMove sees that a move which has a record of its own shows no lease.
func TestPendingMove(t *testing.T) {
	f := &fake{}
	f.desk.pending = func(op domain.Operation) domain.Operation {
		op.Kind, op.LeaseUntil = domain.OperationMove, domain.Forever
		return op
	}
	s := server(t, f, operated)
	for _, route := range []string{"inspect", "operations"} {
		r := desks[route]()
		w := do(s, r)
		if got := w.Body.String(); w.Code != 200 || strings.Contains(got, "lease_until") || strings.Contains(got, "9999") || !strings.Contains(got, `"kind":"move"`) {
			t.Errorf("%s: %d %s", route, w.Code, got)
		}
		describes(t, s, r, w)
	}
}

func (f *fake) MoveOrganization(ctx context.Context, c app.Command, to domain.Strategy) (domain.Organization, error) {
	if !slices.Contains(domain.Strategies(), to) {
		return domain.Organization{}, domain.Invalid("strategy", "is not offered here")
	}
	o, err := f.commanded(ctx, "move", c)
	if err != nil {
		return o, err
	}
	f.desk.to = to
	if o.Pending = (domain.Operation{}); to != o.Placement.Strategy {
		o.Pending = domain.Operation{ID: "op-3", Kind: domain.OperationMove, LeaseUntil: domain.Forever}
	}
	return o, nil
}

func (f *fake) Moves(ctx context.Context, _ domain.OrganizationID) ([]domain.Move, error) {
	return f.desk.moves, f.asked(ctx)
}

func (f *fake) PauseMove(ctx context.Context, c app.Command) (domain.Move, error) {
	_, err := f.commanded(ctx, "pause", c)
	return runningMove(), err
}

func (f *fake) ResumeMove(ctx context.Context, c app.Command) (domain.Move, error) {
	_, err := f.commanded(ctx, "resume", c)
	return runningMove(), err
}

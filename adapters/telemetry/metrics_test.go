package telemetry

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

var update = flag.Bool("update", false, "write the table of docs/operations.md anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// metric is what is told of one metric.
type metric struct {
	kind, help string
	labels     []string
}

// everything returns Metrics in which each metric has a value.
func everything() *Metrics {
	m := NewMetrics("v1.2.3")
	m.Request("GET", "/org/get", 200, 30*time.Millisecond)
	m.WatchRequests(func() int { return 7 })
	m.WatchReady(func(context.Context) error { return nil })
	m.StoreCall(context.Background(), "find")(false)
	m.HashWaited(time.Second, true)
	m.WatchHashes(func() (int, int) { return 2, 3 })
	return m
}

// documented returns the program's own metrics by name.
func documented(t *testing.T) map[string]metric {
	t.Helper()
	families, err := everything().registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]metric{}
	for _, family := range families {
		if !strings.HasPrefix(family.GetName(), namespace) {
			continue
		}
		d := metric{kind: strings.ToLower(family.GetType().String()), help: family.GetHelp()}
		for _, label := range family.GetMetric()[0].GetLabel() {
			d.labels = append(d.labels, label.GetName())
		}
		found[family.GetName()] = d
	}
	return found
}

func TestNamesAndUnits(t *testing.T) {
	problems, err := testutil.GatherAndLint(everything().registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for name, d := range documented(t) {
		if !strings.HasSuffix(d.help, ".") {
			t.Errorf("%s: the help is no sentence: %s", name, d.help)
		}
	}
}

// The table's place in docs/operations.md.
const (
	operationsFile = "../../docs/operations.md"
	tableBegin     = "<!-- metrics: as the registry has them; a test compares -->\n"
	tableEnd       = "<!-- end of metrics -->\n"
)

// Run with -update after a change of the metrics.
func TestDocumentation(t *testing.T) {
	var table strings.Builder
	table.WriteString("| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n")
	all := documented(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		d := all[name]
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", name, d.kind, strings.Join(d.labels, ", "), d.help)
	}
	text, err := os.ReadFile(operationsFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), tableBegin)
	got, after, ended := strings.Cut(rest, tableEnd)
	if !ok || !ended {
		t.Fatal("docs/operations.md has no table of metrics")
	}
	if *update {
		whole := before + tableBegin + table.String() + tableEnd + after
		if err := os.WriteFile(operationsFile, []byte(whole), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != table.String() {
		t.Errorf("the table is not the registry's; run go test ./adapters/telemetry -run Documentation -update. It should be:\n%s", table.String())
	}
}

// scrape returns what Prometheus gets.
func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// want looks for whole lines.
func want(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+namespace+line+"\n") {
			t.Errorf("no line %s%s", namespace, line)
		}
	}
}

func TestScrape(t *testing.T) {
	m := everything()
	m.Request("GET", "/org/get", 9999, time.Minute)
	text := scrape(t, m)
	want(t, text,
		`http_requests_total{method="GET",route="/org/get",status="200"} 1`,
		`http_requests_total{method="GET",route="/org/get",status="other"} 1`,
		`http_request_duration_seconds_bucket{method="GET",route="/org/get",le="0.025"} 0`,
		`http_request_duration_seconds_bucket{method="GET",route="/org/get",le="0.05"} 1`,
		`http_request_duration_seconds_count{method="GET",route="/org/get"} 2`,
		`http_requests_in_flight 7`, `ready 1`,
		`password_hashes_running 2`, `password_hashes_queued 3`, `password_hashes_refused_total 1`, `password_hash_wait_seconds_sum 1`,
	)
	for _, other := range []string{`orgkeeper_build_info{go_version="go1.`, `version="v1.2.3"} 1`, "go_goroutines ", "process_cpu_seconds_total "} {
		if !strings.Contains(text, other) {
			t.Errorf("no %s", other)
		}
	}
}

func TestNotReady(t *testing.T) {
	m := NewMetrics("")
	m.WatchReady(func(ctx context.Context) error {
		if _, bounded := ctx.Deadline(); !bounded {
			t.Error("a scrape may wait forever")
		}
		return errors.New("away")
	})
	want(t, scrape(t, m), "ready 0")
}

func TestStoreCalls(t *testing.T) {
	m := NewMetrics("")
	gone, cancel := context.WithCancel(context.Background())
	late, stop := context.WithTimeout(context.Background(), 0)
	defer stop()
	end := m.StoreCall(gone, "find")
	cancel()
	end(true)
	m.StoreCall(gone, "find")(false)
	m.StoreCall(late, "find")(true)
	m.StoreCall(context.Background(), "insert")(true)
	want(t, scrape(t, m),
		`store_calls_total{command="find",outcome="cancelled"} 1`,
		`store_calls_total{command="find",outcome="done"} 1`,
		`store_calls_total{command="find",outcome="failed"} 1`,
		`store_calls_total{command="insert",outcome="failed"} 1`,
		`store_call_duration_seconds_count{command="find"} 3`,
	)
}

func TestBoth(t *testing.T) {
	if Both(nil, nil) != nil {
		t.Error("nothing observes something")
	}
	var said []string
	say := func(who string) Observe {
		return func(_ context.Context, command string) func(bool) {
			return func(failed bool) { said = append(said, fmt.Sprint(who, command, failed)) }
		}
	}
	for _, o := range []Observe{Both(say("a"), nil), Both(nil, say("b")), Both(say("c"), say("d"))} {
		o(context.Background(), "x")(true)
	}
	if got := strings.Join(said, " "); got != "axtrue bxtrue cxtrue dxtrue" {
		t.Error(got)
	}
}

func TestOperations(t *testing.T) {
	m := NewMetrics("")
	fresh := scrape(t, m)
	for _, kind := range kinds {
		want(t, fresh, fmt.Sprintf(`operations_total{kind=%q,outcome="completed"} 0`, kind), fmt.Sprintf(`leases_lost_total{kind=%q} 0`, kind))
	}
	update := domain.Operation{Kind: domain.OperationUpdate}
	refused := update
	refused.Refused = domain.CodeEmailTaken
	m.OperationEnded(update, 2*time.Second)
	m.OperationEnded(refused, time.Second)
	m.OperationFailed(update)
	m.OperationTaken(update)
	m.LeaseLost(update)
	m.Reconciled(ports.Pass{
		At: time.UnixMilli(1_500), Took: time.Second, Moves: 1, Failing: 1, Lag: time.Minute, Purged: 2, Stuck: 3, Strays: 4, Complete: true,
	})
	m.Reconciled(ports.Pass{At: time.Unix(99, 0), Took: 2 * time.Second, Lag: time.Hour, Purged: 1, Stuck: 5, Strays: 6, Moves: 9, Failing: 8})
	want(t, scrape(t, m),
		`operations_total{kind="update",outcome="completed"} 1`,
		`operations_total{kind="update",outcome="email_taken"} 1`,
		`operation_duration_seconds_sum{kind="update"} 3`,
		`operation_attempts_failed_total{kind="update"} 1`,
		`operations_taken_over_total{kind="update"} 1`,
		`leases_lost_total{kind="update"} 1`,
		`moves 9`, `moves_failing 8`, `operations_stuck 5`, `stray_namespaces 6`, `purged_organizations_total 3`,
		`reconciler_lag_seconds 3600`, `reconciler_last_pass_duration_seconds 2`,
		`reconciler_last_complete_pass_timestamp_seconds 1.5`,
		`reconciler_passes_total{complete="true"} 1`, `reconciler_passes_total{complete="false"} 1`,
	)
}

func TestMoves(t *testing.T) {
	m := NewMetrics("")
	want(t, scrape(t, m), `move_documents_total{stage="copying"} 0`, `move_bytes_total{stage="switching"} 0`, `move_held_seconds_count 0`)
	move := domain.Move{Stage: domain.MoveCopying}
	m.MoveProgressed(move, domain.Usage{Documents: 3, Bytes: 40})
	m.MoveProgressed(move, domain.Usage{Documents: 2, Bytes: 5})
	move.Stage = domain.MoveChecking
	m.MoveProgressed(move, domain.Usage{Documents: 5, Bytes: 45})
	move.Held = 1500 * time.Millisecond
	m.MoveSwitched(move)
	want(t, scrape(t, m),
		`move_documents_total{stage="copying"} 5`, `move_bytes_total{stage="copying"} 45`,
		`move_documents_total{stage="checking"} 5`, `move_bytes_total{stage="checking"} 45`,
		`move_documents_total{stage="switching"} 0`,
		`move_held_seconds_sum 1.5`, `move_held_seconds_bucket{le="1"} 0`, `move_held_seconds_bucket{le="5"} 1`,
	)
}

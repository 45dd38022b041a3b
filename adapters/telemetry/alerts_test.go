package telemetry

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// alertsFile holds the rules.
const alertsFile = "../../docs/alerts.yaml"

// scraped are the labels that Prometheus itself adds.
var scraped = []string{"job", "instance"}

func TestAlertRules(t *testing.T) {
	parse := parser.NewParser(parser.Options{})
	groups, errs := rulefmt.ParseFile(alertsFile, false, model.LegacyValidation, parse, slog.New(slog.DiscardHandler))
	for _, err := range errs {
		t.Error(err)
	}
	if groups == nil {
		t.FailNow()
	}
	known := documented(t)
	known["up"] = metric{}
	used := map[string]bool{}
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			if rule.Annotations["summary"] == "" || rule.Annotations["description"] == "" || rule.Labels["severity"] == "" {
				t.Errorf("%s lacks a summary, a description or a severity", rule.Alert)
			}
			expr, err := parse.ParseExpr(rule.Expr)
			if err != nil {
				t.Fatalf("%s: %v", rule.Alert, err)
			}
			for _, s := range parser.ExtractSelectors(expr) {
				name := checkSelector(t, rule.Alert, s, known)
				used[name] = true
			}
			checkGroups(t, rule.Alert, expr, known)
		}
	}
	for _, name := range []string{
		"operations_stuck", "reconciler_lag_seconds", "reconciler_last_complete_pass_timestamp_seconds",
		"store_calls_total", "http_requests_total", "http_request_duration_seconds", "password_hash_wait_seconds",
		"leases_lost_total", "stray_namespaces", "ready", "moves_failing",
	} {
		if !used[namespace+name] {
			t.Errorf("no rule watches %s", name)
		}
	}
}

// checkGroups sees that the labels that an aggregation groups by exist.
func checkGroups(t *testing.T, alert string, expr parser.Expr, known map[string]metric) {
	t.Helper()
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		aggregation, ok := node.(*parser.AggregateExpr)
		if !ok {
			return nil
		}
		for _, label := range aggregation.Grouping {
			for _, s := range parser.ExtractSelectors(aggregation.Expr) {
				name := checkSelector(t, alert, s, known)
				if label != "le" && !slices.Contains(known[name].labels, label) && !slices.Contains(scraped, label) {
					t.Errorf("%s: %s has no label %s", alert, name, label)
				}
			}
		}
		return nil
	})
}

// checkSelector sees that a metric and the labels that are chosen by exist, and
// returns its name.
func checkSelector(t *testing.T, alert string, selector []*labels.Matcher, known map[string]metric) string {
	t.Helper()
	var name string
	for _, m := range selector {
		if m.Name == model.MetricNameLabel {
			name = m.Value
		}
	}
	found, ok := known[name]
	if base, isBucket := strings.CutSuffix(name, "_bucket"); !ok && isBucket {
		found, ok = known[base]
		ok = ok && found.kind == "histogram"
		name = base
	}
	if !ok {
		t.Errorf("%s: there is no metric %s", alert, name)
	}
	for _, m := range selector {
		if m.Name != model.MetricNameLabel && !slices.Contains(found.labels, m.Name) && !slices.Contains(scraped, m.Name) {
			t.Errorf("%s: %s has no label %s", alert, name, m.Name)
		}
	}
	return name
}

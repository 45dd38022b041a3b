package sqlite

import (
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

// An outcome comes back whatever its operation's ID is, and one that is no outcome is
// told without its text.
func TestOutcomes(t *testing.T) {
	for _, want := range []domain.Outcome{
		{},
		{Operation: "op"},
		{Operation: "a;b;;", Kind: domain.OperationRestore, By: domain.ActorOperator, Refused: domain.CodeNameTaken, StartedAt: noon, EndedAt: noon, Attempt: 3},
		{Attempt: -1},
	} {
		var stored *string
		if value, ok := outcomeValue(want).(string); ok {
			stored = &value
		}
		if got, err := readOutcome(stored); got != want || err != nil {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	for _, text := range []string{"", "marker", ";;;;;;", "marker;;;marker;;1;", "marker;;;;marker;1;", ";;;;;marker;", ";;;1.5;;1;"} {
		if _, err := readOutcome(&text); err == nil || strings.Contains(err.Error(), "marker") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

package sqlite

import (
	"errors"
	"strconv"
	"strings"

	"github.com/orgkeeper/orgkeeper/domain"
)

// outcomeFields is how many fields the column last has. They are joined by semicolons:
// kind, actor, code of the refusal, start, end, attempts, and the operation's ID, which
// alone is opaque and may hold a semicolon. Nearly every record that is read has an
// outcome, and a JSON object of it was a tenth of what a look-up by name cost.
const outcomeFields = 7

// errOutcome says that the column last holds something else.
var errOutcome = errors.New("last: it isn't an outcome")

// outcomeValue makes what is stored of an outcome: NULL of none.
func outcomeValue(out domain.Outcome) any {
	if out == (domain.Outcome{}) {
		return nil
	}
	return strings.Join([]string{
		string(out.Kind), string(out.By), string(out.Refused),
		formatTime(out.StartedAt), formatTime(out.EndedAt), strconv.Itoa(out.Attempt), string(out.Operation),
	}, ";")
}

// readOutcome reads what outcomeValue made.
func readOutcome(stored *string) (out domain.Outcome, err error) {
	if stored == nil {
		return domain.Outcome{}, nil
	}
	fields := strings.SplitN(*stored, ";", outcomeFields)
	if len(fields) != outcomeFields {
		return domain.Outcome{}, errOutcome
	}
	out = domain.Outcome{
		Kind: domain.OperationKind(fields[0]), By: domain.Actor(fields[1]), Refused: domain.Code(fields[2]),
		Operation: domain.OperationID(fields[6]),
	}
	if out.StartedAt, err = parseTime(fields[3]); err != nil {
		return domain.Outcome{}, errOutcome
	}
	if out.EndedAt, err = parseTime(fields[4]); err != nil {
		return domain.Outcome{}, errOutcome
	}
	if out.Attempt, err = strconv.Atoi(fields[5]); err != nil {
		return domain.Outcome{}, errOutcome
	}
	return out, nil
}

package explore

import (
	"fmt"
	"strings"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// describe says of a record what matters to who reads a schedule.
func describe(o domain.Organization) string {
	text := fmt.Sprintf("%s %q version %d %s at %s", o.ID, o.Name, o.Version, o.Status, o.Placement.Namespace)
	if op := o.Pending; o.Busy() {
		text += fmt.Sprintf(", %s %s, attempt %d", op.Kind, op.Phase, op.Attempt)
		if !op.Name.IsZero() {
			text += fmt.Sprintf(", to %q at %s", op.Name, op.Target.Namespace)
		}
		if !op.Email.IsZero() {
			text += fmt.Sprintf(", email %s", op.Email)
		}
	}
	return text
}

func describeResults(results []result) string {
	var all []string
	for _, r := range results {
		text := fmt.Sprintf("%s is %s (%v)", r.role.name, [...]string{"granted", "unknown", "refused"}[r.verdict], r.err)
		for j, before := range r.after {
			if before {
				text += fmt.Sprintf(" after %s", results[j].role.name)
			}
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// String says what is asked.
func (c call) String() string {
	var args []string
	for _, arg := range c.args {
		args = append(args, describeValue(arg))
	}
	return c.name + "(" + strings.Join(args, ", ") + ")"
}

func describeAnswer(a answer) string {
	if a.err != nil {
		return a.err.Error()
	}
	return describeValue(a.value)
}

func describeValue(value any) string {
	switch value := value.(type) {
	case struct{}:
		return "done"
	case domain.Placement:
		return value.Namespace
	case domain.Organization:
		return describe(value)
	case domain.Account:
		return fmt.Sprintf("%s, version %d", value.Email, value.Version)
	case domain.Move:
		return fmt.Sprintf("%s %s, version %d", value.Operation, value.Stage, value.Version)
	case ports.Moving:
		return "the session"
	case ports.Place:
		return describeValue(value.Placement)
	case []domain.Organization:
		return fmt.Sprintf("%d organizations", len(value))
	}
	return fmt.Sprintf("%+v", value)
}

package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// describe writes an organization for people, a line for each thing that there is.
func describe(w io.Writer, d app.OrganizationDetails) error {
	o := d.Organization
	lines := [][2]string{
		{"ID", string(o.ID)},
		{"Name", o.Name.String()},
		{"Status", string(o.Status)},
		{"Admin", d.AdminEmail.String()},
	}
	add := func(there bool, label, text string) {
		if there {
			lines = append(lines, [2]string{label, text})
		}
	}
	p, op, r := o.Placement, o.Pending, o.Receipt
	add(!p.IsZero(), "Database", p.OwnDatabase())
	add(!p.IsZero(), "Namespace", fmt.Sprintf("%s (%s, generation %d, %s)", p.Namespace, p.Strategy, p.Generation, p.State))
	add(o.Hold, "Hold", "its data may not be dropped")
	add(true, "Created", clock(o.CreatedAt))
	add(true, "Updated", clock(o.UpdatedAt))
	add(!o.DeletedAt.IsZero(), "Deleted", clock(o.DeletedAt))
	add(!o.PurgeAt.IsZero(), "Kept until", clock(o.PurgeAt))
	add(!r.At.IsZero(), "Purged", fmt.Sprintf("%s, by %s: %d documents, %d bytes", clock(r.At), r.By, r.Documents, r.Bytes))
	add(o.Busy(), "Operation", operationText(op))
	add(true, "Version", strconv.FormatInt(o.Version, 10))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		fmt.Fprintf(t, "%s\t%s\n", line[0], cell(line[1]))
	}
	return t.Flush()
}

func operationText(op domain.Operation) string {
	text := fmt.Sprintf("%s since %s, %s, attempt %d, %d failed", op.Kind, clock(op.StartedAt), op.Phase, op.Attempt, op.Failures)
	if op.Stuck {
		text += ", stuck: retry or abort it"
	}
	return text
}

// note says in a list what is special about an organization.
func note(o domain.Organization) string {
	var notes []string
	if o.Hold {
		notes = append(notes, "on hold")
	}
	switch {
	case o.Pending.Stuck:
		notes = append(notes, string(o.Pending.Kind)+" is stuck")
	case o.Busy():
		notes = append(notes, string(o.Pending.Kind)+" runs")
	}
	if !o.PurgeAt.IsZero() {
		notes = append(notes, "kept until "+clock(o.PurgeAt))
	}
	return strings.Join(notes, ", ")
}

package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// organizationView is an organization as scripts see it: the fields of the routes
// under /v1/organizations.
type organizationView struct {
	ID         domain.OrganizationID `json:"id"`
	Name       string                `json:"name"`
	Status     domain.Status         `json:"status"`
	AdminEmail string                `json:"admin_email,omitempty"`
	Placement  *placementView        `json:"placement,omitempty"`
	Hold       bool                  `json:"hold"`
	CreatedAt  time.Time             `json:"created_at"`
	UpdatedAt  time.Time             `json:"updated_at"`
	DeletedAt  *time.Time            `json:"deleted_at,omitempty"`
	PurgeAt    *time.Time            `json:"purge_at,omitempty"`
	Receipt    *receiptView          `json:"receipt,omitempty"`
	Version    int64                 `json:"version"`
	Operation  *operationView        `json:"operation,omitempty"`
}

type placementView struct {
	Strategy   domain.Strategy       `json:"strategy"`
	Database   string                `json:"database"`
	Namespace  string                `json:"namespace"`
	Generation int64                 `json:"generation"`
	State      domain.PlacementState `json:"state"`
}

type receiptView struct {
	By        domain.Actor `json:"by"`
	At        time.Time    `json:"at"`
	Documents int64        `json:"documents"`
	Bytes     int64        `json:"bytes"`
}

// operationView is the operation that is pending.
type operationView struct {
	ID         domain.OperationID   `json:"id"`
	Kind       domain.OperationKind `json:"kind"`
	Phase      domain.Phase         `json:"phase"`
	By         domain.Actor         `json:"by,omitempty"`
	StartedAt  time.Time            `json:"started_at"`
	LeaseUntil time.Time            `json:"lease_until"`
	Attempt    int                  `json:"attempt"`
	Failures   int                  `json:"failures"`
	Stuck      bool                 `json:"stuck"`
	Abortable  bool                 `json:"abortable"`
}

func viewOf(d app.OrganizationDetails) organizationView {
	o := d.Organization
	v := organizationView{
		ID: o.ID, Name: o.Name.String(), Status: o.Status, AdminEmail: d.AdminEmail.String(), Hold: o.Hold,
		CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt, Version: o.Version,
		DeletedAt: known(o.DeletedAt), PurgeAt: known(o.PurgeAt),
	}
	if p := o.Placement; !p.IsZero() {
		v.Placement = &placementView{p.Strategy, p.Database, p.Namespace, p.Generation, p.State}
	}
	if r := o.Receipt; !r.At.IsZero() {
		v.Receipt = &receiptView{r.By, r.At, r.Documents, r.Bytes}
	}
	if op := o.Pending; !op.IsZero() {
		v.Operation = &operationView{
			ID: op.ID, Kind: op.Kind, Phase: op.Phase, By: op.By, StartedAt: op.StartedAt, LeaseUntil: op.LeaseUntil,
			Attempt: op.Attempt, Failures: op.Failures, Stuck: op.Stuck, Abortable: op.CanAbort(),
		}
	}
	return v
}

// known returns nil for the zero time.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

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
	add(!p.IsZero(), "Database", p.Database)
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

package explore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/cleartoken"
)

// ending is what the store holds after the last actor, when a reconciler has passed
// after all leases.
type ending struct {
	standings map[domain.OrganizationID]standing
	broken    string
}

// late is when no lease is left, and grace for how long the last reconciler keeps what a
// move has left.
var late = epoch.Add(time.Hour)

const grace = time.Minute

// indexes of processes beside the actors, which have 1 to maxActors.
const (
	firstOwner  = 0
	reconciler  = 8
	secondOwner = 9
)

// end lets a reconciler pass and looks what there is.
func (m *machine) end(ctx context.Context, c *content) (e ending, err error) {
	if e, ok := m.endings[c.id]; ok {
		return e, nil
	}
	if err := m.hold(ctx, c.image); err != nil {
		return e, err
	}
	defer func() {
		var saveErr error
		m.loaded, saveErr = m.save(ctx)
		err = errors.Join(err, saveErr)
		m.endings[c.id] = e
	}()
	d, ids := m.ports, 0
	d.Passwords, d.Tokens = hasher{}, cleartoken.Tokens{}
	now := late
	d.Now = func() time.Time { return now }
	d.NewID = func() string { ids++; return newID(reconciler, ids) }
	d.Random = func(n int) int { return n - 1 }
	d.Log = slog.New(slog.DiscardHandler)
	s, err := app.New(d, app.Options{Database: database, OperationLease: lease, MoveGrace: grace, DeleteRetention: year})
	if err != nil {
		return e, err
	}
	// What a move has left is dropped by the second pass.
	for _, now = range []time.Time{late, late.Add(grace)} {
		if err := s.Reconcile(ctx); err != nil {
			e.broken = fmt.Sprintf("the reconciler can't finish: %v", err)
			return e, nil
		}
	}
	return m.inspect(ctx, s, c.ledger)
}

// selectOrphans finds the accounts that own nothing, without asking ports.Census.
const selectOrphans = `SELECT id FROM accounts AS a WHERE NOT EXISTS (SELECT 1 FROM organizations AS o
	WHERE o.id = a.organization_id AND o.owner_id = a.id AND o.status <> 'purged')`

// inspect returns what the store holds and what is wrong with it.
func (m *machine) inspect(ctx context.Context, s *app.Service, l *ledger) (e ending, err error) {
	all, err := m.ports.Directory.List(ctx, ports.OrganizationQuery{Limit: 100})
	if err != nil {
		return e, err
	}
	var faults []string
	e.standings = map[domain.OrganizationID]standing{}
	for _, o := range all {
		if o.Busy() {
			faults = append(faults, fmt.Sprintf("the %s of %s is left", o.Pending.Kind, o.ID))
		}
		standing, fault := m.standing(ctx, o)
		if fault != "" {
			faults = append(faults, fault)
		}
		if standing.status != "" {
			e.standings[o.ID] = standing
		}
	}
	documents, err := m.documents(ctx)
	if err != nil {
		return e, err
	}
	left, err := m.ports.Moves.Due(ctx, domain.Forever, 100)
	if err != nil {
		return e, err
	}
	for _, moved := range left {
		faults = append(faults, fmt.Sprintf("the record of a move of %s is left: %s", moved.Organization, moved.Stage))
	}
	orphans, err := m.registry.texts(ctx, selectOrphans)
	if err != nil {
		return e, err
	}
	for _, id := range orphans {
		faults = append(faults, "the account "+id+" has no organization")
	}
	faults = append(faults, misplaced(all, documents, l)...)
	checked, err := check(ctx, s, documents)
	e.broken = strings.Join(append(faults, checked...), "; ")
	return e, err
}

// model returns what the outside knows in the end.
func (w *world) model(e ending) (m model, err error) {
	for id, s := range e.standings {
		at := &m[w.slot(id)]
		if at.status != "" {
			err = errors.New("an actor has created two organizations")
		}
		*at = s
	}
	return m, err
}

// slot returns the place of an organization in the model. Those that create under one
// key share one.
func (w *world) slot(id domain.OrganizationID) int {
	switch i := owner(string(id)); i {
	case firstOwner:
		return 0
	case secondOwner:
		return 1
	default:
		return w.ownSlot(i - 1)
	}
}

// ownSlot returns the place of the organization that the actor may create.
func (w *world) ownSlot(actor int) int {
	if w.roles[actor].name == "create-keyed" {
		actor = slices.IndexFunc(w.roles, func(r role) bool { return r.name == "create-keyed" })
	}
	return 2 + actor
}

// standing returns what the outside knows of the organization, and what is wrong.
func (m *machine) standing(ctx context.Context, o domain.Organization) (s standing, fault string) {
	if o.Status == domain.StatusPurged {
		return s, ""
	}
	s = standing{
		status: o.Status, name: o.Name.String(), hold: o.Hold,
		due:     !o.PurgeAt.IsZero() && o.PurgeAt.Before(late),
		revoked: o.Epoch > 1,
		moved:   o.Placement.Strategy == domain.StrategyShared,
	}
	account, accountErr := m.ports.Accounts.ByID(ctx, o.Owner)
	s.email = account.Email.String()
	if accountErr != nil || account.OrganizationID != o.ID {
		fault = fmt.Sprintf("%s has no owner: %v", o.ID, accountErr)
	}
	return s, fault
}

// misplaced returns what is wrong with where documents are.
func misplaced(all []domain.Organization, documents []document, l *ledger) (faults []string) {
	for _, o := range all {
		if o.Placement.IsZero() {
			continue
		}
		var there []string
		for _, d := range documents {
			if !d.at(o.Placement) {
				continue
			}
			there = append(there, d.id)
			if d.owner != string(o.ID) {
				faults = append(faults, fmt.Sprintf("%s sees a document of %s", o.ID, d.owner))
			}
		}
		for _, id := range l.Documents[o.ID] {
			if !slices.Contains(there, id) {
				faults = append(faults, fmt.Sprintf("%s has lost the document %q", o.ID, id))
			}
		}
	}
	return faults
}

// check asks app.Check, which may find nothing but strays with documents, which only
// the stray writer makes.
func check(ctx context.Context, s *app.Service, documents []document) (faults []string, err error) {
	err = s.Check(ctx, app.CheckOptions{Found: func(f app.Finding) {
		late := slices.ContainsFunc(documents, func(d document) bool {
			return d.namespace == f.Namespace && d.strategy == domain.StrategyCollection && strings.HasPrefix(d.id, "late of ")
		})
		if f.Kind != app.FindingStray || !late {
			faults = append(faults, fmt.Sprintf("check finds %s %s %s", f.Kind, f.Namespace, f.Organization))
		}
	}})
	return faults, err
}

package explore

import (
	"context"
	"errors"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// relocate moves the organization to where others are, and waits for it.
func relocate(ctx context.Context, t *turn, c app.Command) error {
	begun, err := t.MoveOrganization(ctx, c, domain.StrategyShared)
	if err != nil {
		return err
	}
	if err := t.Reconcile(ctx); err != nil {
		return err
	}
	o, err := organizations{t.process}.ByID(ctx, c.Organization)
	switch {
	case err != nil:
		return err
	case o.Placement.Strategy == domain.StrategyShared:
		return nil
	case o.Pending.ID == begun.Pending.ID || o.Status != domain.StatusActive:
		return errAway // Somebody else has it, or has come after it.
	default:
		return domain.ErrOperationAborted
	}
}

// put writes a document where the organization's documents are, by the engine's own rules.
// What it was told to be written has to be there in the end.
func put(ctx context.Context, t *turn) error {
	o, err := t.GetOrganization(ctx, acme)
	if err != nil {
		return err
	}
	at := ports.Place{Organization: o.ID, Placement: o.Placement, Identity: o.Pending.Source}
	if at.Identity == "" {
		info, err := namespaces{t.process, o.Placement.Strategy}.Stat(ctx, o.Placement)
		if err != nil {
			return err
		}
		at.Identity = info.Identity
	}
	id := "put into " + string(o.ID)
	write := ports.DocumentWrite{Action: ports.DocumentPut, Document: domain.Document{
		ID: domain.DocumentID(id), Body: domain.BodyOf(bodyOf(o.ID)),
	}}
	c := writing("Documents.Write", arguments{at, id}, func(ctx context.Context, d *app.Dependencies) (string, error) {
		results, err := d.Storage[o.Placement.Strategy].Documents.Write(ctx, at, []ports.DocumentWrite{write})
		if err != nil {
			return "", err
		}
		return "", results[0].Err
	})
	c.document = &lateDocument{o.ID, id}
	_, err = ask[string](t.process, c)
	if errors.Is(err, domain.ErrNamespaceMissing) { // It isn't there any more, or frozen.
		return domain.ErrOperationInProgress
	}
	return err
}

// stray is an application that asks where an organization's documents are, and later
// writes one there, whatever has become of the place meanwhile.
func stray(ctx context.Context, t *turn) error {
	o, err := t.GetOrganization(ctx, acme)
	if err != nil {
		return err
	}
	m, id := t.machine, "late of "+string(o.ID)
	_, err = ask[string](t.process, call{
		name: "Documents.Insert", args: arguments{o.Placement, id}, writes: true,
		document: &lateDocument{o.ID, id},
		make: func(ctx context.Context, _ *app.Dependencies) answer {
			table, err := m.insert(ctx, o.Placement, id, o.ID)
			if err != nil || table != "" {
				return answer{table, err}
			}
			if err = m.stray(ctx, o.Placement); err == nil {
				table, err = m.insert(ctx, o.Placement, id, o.ID)
			}
			return answer{table, err}
		},
	})
	return err
}

// lateDocument is a document that a call writes: if it succeeds, the document is kept.
type lateDocument struct {
	of domain.OrganizationID
	id string
}

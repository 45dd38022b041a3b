package app

import (
	"context"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// atOrganizations looks at every organization that has data.
func (c *check) atOrganizations(ctx context.Context) error {
	total, err := c.census.CountLive(ctx)
	if err != nil {
		return err
	}
	q := ports.OrganizationQuery{
		Statuses: []domain.Status{domain.StatusActive, domain.StatusSuspended, domain.StatusDeleted},
	}
	done := 0
	return c.each(ctx, q, func(o domain.Organization) error { return c.atOrganization(ctx, o) }, func(n int) {
		done += n
		c.Progress("organizations", done, max(total, done))
	})
}

// atOrganization looks at an organization at rest.
func (c *check) atOrganization(ctx context.Context, o domain.Organization) error {
	if o.Busy() && !o.Pending.Stuck && o.Pending.Attempt > longOverdue*c.options.OperationAttempts {
		return c.report(c.overdue(o), nil)
	}
	o, missing, err := c.confirmed(ctx, o, c.namespaceMissing)
	if err != nil {
		return err
	}
	if missing {
		f := Finding{
			Kind: FindingNamespaceMissing, Organization: o.ID, Namespace: o.Placement.Namespace,
			Detail: "The organization's namespace doesn't exist.",
		}
		if err := c.report(f, func() (string, error) { return "made anew, empty", c.remake(ctx, o) }); err != nil {
			return err
		}
	}
	if err := c.measure(ctx, o, missing); err != nil {
		return err
	}
	o, missing, err = c.confirmed(ctx, o, c.ownerMissing)
	if err != nil || !missing {
		return err
	}
	return c.report(Finding{
		Kind: FindingOwnerMissing, Organization: o.ID,
		Detail: "The organization's owner has no account.",
	}, nil)
}

// measure counts what the organization holds, for its usage to be exact. What can't be
// counted now is left: the documents of one without a namespace, or under an operation,
// which a check doesn't touch. Nothing is written where the same was measured before.
func (c *check) measure(ctx context.Context, o domain.Organization, missing bool) error {
	if c.unkept || o.Busy() || o.Placement.IsZero() || missing && !c.Repair {
		return nil
	}
	found, err := c.countUsage(ctx, o.ID)
	switch {
	case errors.Is(err, errNoPlace), errors.Is(err, domain.ErrOrganizationNotFound), errors.Is(err, domain.ErrOperationInProgress):
		return nil
	case errors.Is(err, domain.ErrStoreUnavailable):
		return err
	case err != nil:
		return c.report(Finding{
			Kind: FindingUnreadable, Organization: o.ID, Namespace: o.Placement.Namespace,
			Detail: "The organization's documents can't be counted: " + err.Error() + ".",
		}, nil)
	}
	before, err := c.usages.ByOrganization(ctx, o.ID)
	if err != nil || before.Usage == found.Usage {
		return err
	}
	err = c.usages.Measured(ctx, o.ID, found.Usage, found.at)
	if c.unkept = errors.Is(err, errors.ErrUnsupported); c.unkept {
		return nil
	}
	return err
}

// confirmed reports whether the organization is damaged, and nobody has changed it
// between two looks. It returns the organization as it was at the last one.
func (c *check) confirmed(
	ctx context.Context, o domain.Organization, damaged func(context.Context, domain.Organization) (bool, error),
) (domain.Organization, bool, error) {
	for !o.Busy() && !o.Placement.IsZero() {
		found, err := damaged(ctx, o)
		if err != nil || !found {
			return o, false, err
		}
		now, err := c.organizations.ByID(ctx, o.ID)
		switch {
		case errors.Is(err, domain.ErrOrganizationNotFound):
			return o, false, nil
		case err != nil:
			return o, false, err
		case now.Version == o.Version:
			found, err = damaged(ctx, now)
			return now, found, err
		}
		o = now
	}
	return o, false, nil
}

func (c *check) namespaceMissing(ctx context.Context, o domain.Organization) (bool, error) {
	storage, err := c.storage(o.Placement)
	if err != nil {
		return false, err
	}
	info, err := storage.Namespaces.Stat(ctx, o.Placement)
	return !info.Exists, err
}

func (c *check) ownerMissing(ctx context.Context, o domain.Organization) (bool, error) {
	account, err := c.accounts.ByID(ctx, o.Owner)
	if errors.Is(err, domain.ErrAccountNotFound) {
		return true, nil
	}
	return err == nil && account.OrganizationID != o.ID, err
}

func (c *check) remake(ctx context.Context, o domain.Organization) error {
	storage, err := c.storage(o.Placement)
	if err != nil {
		return err
	}
	return storage.Namespaces.Ensure(ctx, o.ID, o.Placement)
}

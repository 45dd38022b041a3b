package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// FindingKind says what is wrong.
type FindingKind string

// The kinds of findings.
const (
	// FindingStructure is a fault of the store itself, such as a missing index.
	FindingStructure FindingKind = "structure"
	// FindingNamespaceMissing is an organization whose namespace doesn't exist.
	FindingNamespaceMissing FindingKind = "namespace_missing"
	// FindingOwnerMissing is an organization without its owner's account.
	FindingOwnerMissing FindingKind = "owner_missing"
	// FindingOperationOverdue is an operation that nobody goes on with, or nobody can
	// finish, long after its time.
	FindingOperationOverdue FindingKind = "operation_overdue"
	// FindingOperationStuck is an operation that waits for an operator.
	FindingOperationStuck FindingKind = "operation_stuck"
	// FindingAccountOrphaned is an account without its organization.
	FindingAccountOrphaned FindingKind = "account_orphaned"
	// FindingUnreadable is an organization whose documents can't be counted.
	FindingUnreadable FindingKind = "documents_unreadable"
	// FindingStray is a namespace where no organization lives.
	FindingStray FindingKind = "namespace_stray"
)

// Finding is something that a check has found wrong.
type Finding struct {
	Kind FindingKind
	// Organization and Namespace say where; either may be "".
	Organization domain.OrganizationID
	Namespace    string
	// Detail is a sentence for people. It holds no name, email or secret.
	Detail string
	// Documents is how many the namespace of a FindingStray holds.
	Documents int64
	// Repaired says what was done about it, "" if nothing was.
	Repaired string
}

// CheckOptions say what a check does.
type CheckOptions struct {
	// Repair mends what can be mended without losing anything and puts strays into
	// quarantine.
	Repair bool
	// Found is called for each finding. Required.
	Found func(Finding)
	// Progress is called now and then with what is looked at, how many were, and how
	// many there are, 0 if nobody knows. Optional.
	Progress func(what string, done, total int)
}

// checkPage is how many organizations a check reads at once.
const checkPage = 500

// Check compares the registry with the storage. It may run beside serving processes: it
// looks twice before it believes, and an operation under way is no damage. It reads in
// pages, so that its memory doesn't grow with the number of organizations. It also counts
// the documents of every organization, so that OrganizationUsage is exact afterwards
// where the store can be written.
//
// It returns an error when it could not look at everything, not for findings.
func (s *Service) Check(ctx context.Context, o CheckOptions) error {
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	c := &check{Service: s, CheckOptions: o}
	for _, look := range []func(context.Context) error{
		c.atStructure, c.atStuck, c.atOverdue, c.atOrganizations, c.atAccounts, c.atStorage,
	} {
		if err := look(ctx); err != nil {
			return err
		}
	}
	return nil
}

// check is a Check on its way.
type check struct {
	*Service
	CheckOptions
	// unkept says that the store is only read, so that nothing that is measured is kept.
	unkept bool
}

// report hands a finding on, after mend has mended it if that is wanted. Without mend
// nothing can be done about it.
func (c *check) report(f Finding, mend func() (repaired string, err error)) error {
	var err error
	if c.Repair && mend != nil {
		if f.Repaired, err = mend(); err != nil {
			f.Repaired = ""
			if errors.Is(err, domain.ErrStoreUnavailable) {
				return err
			}
			f.Detail += " It could not be repaired: " + err.Error()
		}
	}
	c.Found(f)
	return nil
}

func (c *check) atStructure(ctx context.Context) error {
	faults, err := c.structure.Faults(ctx)
	if err != nil || len(faults) == 0 {
		return err
	}
	left := map[string]bool{}
	var mendErr error
	if c.Repair {
		mendErr = c.structure.Mend(ctx)
		still, err := c.structure.Faults(ctx)
		if err != nil {
			return err
		}
		for _, fault := range still {
			left[fault] = true
		}
	}
	for _, fault := range faults {
		err := c.report(Finding{Kind: FindingStructure, Detail: fault}, func() (string, error) {
			if left[fault] {
				return "", mendErr
			}
			return "made anew", nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *check) atStuck(ctx context.Context) error {
	return c.each(ctx, ports.OrganizationQuery{Stuck: true}, func(o domain.Organization) error {
		f := Finding{
			Kind: FindingOperationStuck, Organization: o.ID,
			Detail: "The operation " + string(o.Pending.Kind) + " waits for an operator to retry or to abort it.",
		}
		return c.report(f, c.goOn(ctx, o))
	}, func(int) {})
}

// each looks at every organization that the query selects, in pages, and calls seen with
// the number of each page's.
func (c *check) each(
	ctx context.Context, q ports.OrganizationQuery, look func(domain.Organization) error, seen func(n int),
) error {
	for q.Limit = checkPage; ; {
		page, err := c.directory.List(ctx, q)
		if err != nil {
			return err
		}
		for _, o := range page {
			if err := look(o); err != nil {
				return err
			}
		}
		seen(len(page))
		if len(page) < q.Limit {
			return nil
		}
		q.After = page[len(page)-1].ID
	}
}

// longOverdue is how many leases an operation may be due for before that is a finding.
const longOverdue = 10

// atOverdue looks for operations that no reconciler takes up.
func (c *check) atOverdue(ctx context.Context) error {
	due, err := c.organizations.Due(ctx, c.now().Add(-longOverdue*c.options.OperationLease), checkPage)
	if err != nil {
		return err
	}
	for _, o := range due {
		if err := c.report(c.overdue(o), c.goOn(ctx, o)); err != nil {
			return err
		}
	}
	return nil
}

func (c *check) overdue(o domain.Organization) Finding {
	return Finding{
		Kind: FindingOperationOverdue, Organization: o.ID,
		Detail: fmt.Sprintf("The operation %s waits since %s, after %d attempts.",
			o.Pending.Kind, o.Pending.StartedAt.Format(time.RFC3339), o.Pending.Attempt),
	}
}

// goOn returns what finishes the organization's operation.
func (c *check) goOn(ctx context.Context, o domain.Organization) func() (string, error) {
	return func() (string, error) {
		after, err := c.RetryOperation(ctx, Command{Organization: o.ID})
		if err == nil && after.Pending.ID == o.Pending.ID {
			err = domain.ErrOperationInProgress
		}
		return "finished", err
	}
}

func (c *check) atAccounts(ctx context.Context) error {
	for {
		orphans, err := c.census.OrphanAccounts(ctx, checkPage)
		if err != nil {
			return err
		}
		removed := 0
		for _, a := range orphans {
			// A purge may have removed it, and ended, since it was read.
			if _, err := c.accounts.ByID(ctx, a.ID); errors.Is(err, domain.ErrAccountNotFound) {
				continue
			} else if err != nil {
				return err
			}
			f := Finding{
				Kind: FindingAccountOrphaned, Organization: a.OrganizationID,
				Detail: "The account " + string(a.ID) + " has no organization.",
			}
			err := c.report(f, func() (string, error) {
				err := c.accounts.Delete(ctx, a.ID)
				if err == nil {
					removed++
				}
				return "removed", err
			})
			if err != nil {
				return err
			}
		}
		if removed == 0 || len(orphans) < checkPage {
			return nil
		}
	}
}

func (c *check) atStorage(ctx context.Context) error {
	done := 0
	return c.eachStray(ctx, func(stray Stray) error {
		if stray.Documents == 0 && stray.Kind != StrayUnknown {
			return nil // A slow runner has made it late. It can never be anybody's home.
		}
		f := Finding{
			Kind: FindingStray, Organization: stray.Organization, Namespace: stray.Placement.Namespace,
			Documents: stray.Documents, Detail: strayDetails[stray.Kind],
		}
		return c.report(f, func() (string, error) {
			name, err := c.QuarantineStray(ctx, stray.Placement.Namespace)
			return "renamed to " + name, err
		})
	}, func(n int) {
		done += n
		c.Progress("namespaces", done, 0)
	})
}

var strayDetails = map[StrayKind]string{
	StrayLeft:     "The organization has left this namespace, and somebody has written there since.",
	StrayReserved: "The name was given to the organization, which perhaps never lived there.",
	StrayPurged:   "The organization that had this namespace is purged.",
	StrayUnknown:  "No organization ever had this namespace.",
}

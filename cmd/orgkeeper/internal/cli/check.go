package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// errFound says that a check has found something that isn't repaired.
var errFound = errors.New("not everything is as it should be")

// findingView is a finding as scripts see it.
type findingView struct {
	Kind         app.FindingKind       `json:"kind"`
	Organization domain.OrganizationID `json:"organization_id,omitempty"`
	Namespace    string                `json:"namespace,omitempty"`
	Detail       string                `json:"detail"`
	Documents    *int64                `json:"documents,omitempty"`
	Repaired     string                `json:"repaired,omitempty"`
}

func checkCommand(open Open) *cobra.Command {
	var repair bool
	var asking confirmation
	out := &output{}
	c := &cobra.Command{
		Use:   "check",
		Short: "Compare the registry with the storage; exit code 1 if anything is found",
		Long: "Compares the registry with the storage, also while servers run: an operation under way is\n" +
			"no damage. What is found:\n" +
			"  structure          the store itself, such as an index that is missing\n" +
			"  operation_overdue  an operation that nobody goes on with, long after its time\n" +
			"  operation_stuck    an operation that waits for an operator\n" +
			"  namespace_missing  an organization whose namespace doesn't exist\n" +
			"  owner_missing      an organization without its owner's account\n" +
			"  account_orphaned   an account without its organization\n" +
			"  documents_unreadable\n                     an organization whose documents can't be counted\n" +
			"  namespace_stray    a namespace where no organization lives\n\n" +
			"With --repair it makes missing indexes and namespaces anew, finishes operations that\n" +
			"are overdue, tries stuck ones again, removes accounts without organization and puts strays\n" +
			"into quarantine. An owner who is missing can't be repaired. No document is dropped. The\n" +
			"exit code is then 1 if anything is left.\n\n" + ExitCodes,
		Args:    cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error { return out.check() },
		RunE: func(cmd *cobra.Command, _ []string) error {
			access := Read
			if repair {
				access = Repair
				if err := asking.possible(cmd); err != nil {
					return err
				}
			}
			err := with(cmd, open, access, func(ctx context.Context, s Store) error {
				if repair {
					if err := asking.ask(ctx, cmd, "This changes what is found to be wrong; check alone shows it.", "yes"); err != nil {
						return err
					}
				}
				return runCheck(ctx, cmd, s, out, repair)
			})
			return advise(err, "stop it before a repair; check without --repair works beside it")
		},
	}
	out.addTo(c)
	asking.addTo(c)
	c.Flags().BoolVar(&repair, "repair", false, "mend what can be mended without losing anything")
	return c
}

// runCheck checks, and prints each finding when it is met, so that memory doesn't grow
// with their number.
func runCheck(ctx context.Context, cmd *cobra.Command, s Store, out *output, repair bool) error {
	progress := newProgress(cmd.ErrOrStderr())
	var found, left int
	var writeErr error
	err := s.Service.Check(ctx, app.CheckOptions{
		Repair:   repair,
		Progress: progress.set,
		Found: func(f app.Finding) {
			progress.clear()
			if found++; f.Repaired == "" {
				left++
			}
			writeErr = errors.Join(writeErr, out.printFinding(cmd, f, found == 1))
		},
	})
	progress.clear()
	if err := errors.Join(err, writeErr); err != nil {
		return err
	}
	looked := fmt.Sprintf("looked at %d organizations and %d namespaces", progress.done["organizations"], progress.done["namespaces"])
	if left > 0 {
		return fmt.Errorf("%w: %s, found %d, repaired %d", errFound, looked, found, found-left)
	}
	_, err = fmt.Fprintf(cmd.ErrOrStderr(), "All is well: %s, found %d, repaired %d.\n", looked, found, found)
	return err
}

func (o *output) printFinding(cmd *cobra.Command, f app.Finding, first bool) error {
	w := cmd.OutOrStdout()
	if o.json() {
		v := findingView{Kind: f.Kind, Organization: f.Organization, Namespace: f.Namespace, Detail: f.Detail, Repaired: f.Repaired}
		if f.Kind == app.FindingStray {
			v.Documents = &f.Documents
		}
		return writeJSON(w, v)
	}
	const row = "%-17s  %-36s  %s\n"
	if first {
		fmt.Fprintf(w, row, "KIND", "ORGANIZATION", "WHAT")
	}
	what := f.Detail
	switch {
	case f.Kind == app.FindingStray:
		what = fmt.Sprintf("%s (%d documents): %s", f.Namespace, f.Documents, f.Detail)
	case f.Namespace != "":
		what = f.Namespace + ": " + f.Detail
	}
	if f.Repaired != "" {
		what += " Repaired: " + f.Repaired + "."
	}
	_, err := fmt.Fprintf(w, row, f.Kind, cell(string(f.Organization)), visible(what))
	return err
}

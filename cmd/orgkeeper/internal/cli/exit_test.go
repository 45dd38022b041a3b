package cli

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/domain"
)

func TestExitCodes(t *testing.T) {
	for want, errs := range map[int][]error{
		exitDone:   {nil},
		exitFailed: {ranError{errors.New("a fault")}, ranError{errFound}, ranError{errNotAllMoved}, ranError{errInterrupted}, ranError{domain.ErrNamespaceMissing}},
		exitUsage: {
			errors.New("unknown command"), ranError{WrongUsage(errors.New("a value"))}, ranError{domain.Invalid("email", "is wrong")},
		},
		exitNotFound: {ranError{domain.ErrOrganizationNotFound}, ranError{domain.ErrOperationNotFound}, ranError{domain.ErrMoveNotFound}, ranError{domain.ErrStrayNotFound}},
		exitConflict: {
			ranError{domain.ErrNameTaken},
			ranError{domain.ErrEmailTaken},
			ranError{domain.ErrOperationInProgress},
			ranError{domain.ErrStatus},
			ranError{domain.ErrSuspended},
			ranError{domain.ErrHeld},
			ranError{domain.ErrQuotaExceeded},
			ranError{domain.ErrPreconditionFailed},
			ranError{domain.ErrOperationNotAbortable},
			ranError{domain.ErrOperationAborted},
			ranError{domain.ErrMoveRefused},
		},
		exitUnavailable:  {ranError{fmt.Errorf("mongo: %w", domain.ErrStoreUnavailable.Because(errors.New("refused")))}},
		exitNotConfirmed: {ranError{errNoTerminal}, ranError{errNotConfirmed}},
		exitServed:       {ranError{advise(fmt.Errorf("%w in ./data", ErrServed), "ask it")}},
	} {
		for _, err := range errs {
			if got := ExitCode(err); got != want {
				t.Errorf("%v: exit code %d, want %d", err, got, want)
			}
		}
	}
}

func TestMarkTellsUsageFromFailure(t *testing.T) {
	build := func() *cobra.Command {
		root := &cobra.Command{Use: "root", SilenceErrors: true, SilenceUsage: true}
		root.AddCommand(&cobra.Command{
			Use: "fail", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return errors.New("a fault") },
		})
		Mark(root)
		return root
	}
	for line, want := range map[string]int{
		"fail": exitFailed, "fail more": exitUsage, "fail --flag": exitUsage, "sing": exitUsage,
	} {
		root := build()
		root.SetArgs(strings.Fields(line))
		if got := ExitCode(root.Execute()); got != want {
			t.Errorf("%s: exit code %d, want %d", line, got, want)
		}
	}
}

func TestExplainNamesTheFields(t *testing.T) {
	err := ranError{domain.JoinInvalid(domain.Invalid("organization_name", "is too short"), domain.Invalid("email", "is none"))}
	if got, want := Explain(err), "invalid_request: organization_name is too short; email is none"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Explain(ranError{errors.New("a fault")}); got != "a fault" {
		t.Errorf("got %q", got)
	}
}

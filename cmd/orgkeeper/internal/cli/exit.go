package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/domain"
)

// The exit codes. Scripts rest on them: they never change their meaning.
const (
	exitDone         = 0
	exitFailed       = 1
	exitUsage        = 2
	exitNotFound     = 3
	exitConflict     = 4
	exitUnavailable  = 5
	exitNotConfirmed = 6
	exitServed       = 7
)

// ExitCodes tells people what the exit codes mean.
const ExitCodes = `Exit codes:
  0  done
  1  failed; of a check: something was found; of many moves: some were not made
  2  wrong usage: arguments, flags, values or the configuration
  3  there is no such organization, operation, move or stray
  4  conflict: the status, a name that is taken, an operation that runs, a hold, a quota
  5  the store can't be reached
  6  not confirmed
  7  a server owns the store; it has to be asked to make the change`

// codes is the exit code of each error that a use case returns. Those that are not in
// it are failures.
var codes = map[domain.Code]int{
	domain.CodeInvalidRequest:        exitUsage,
	domain.CodeOrganizationNotFound:  exitNotFound,
	domain.CodeOperationNotFound:     exitNotFound,
	domain.CodeMoveNotFound:          exitNotFound,
	domain.CodeStrayNotFound:         exitNotFound,
	domain.CodeNameTaken:             exitConflict,
	domain.CodeEmailTaken:            exitConflict,
	domain.CodeOperationInProgress:   exitConflict,
	domain.CodeOrganizationStatus:    exitConflict,
	domain.CodeOrganizationSuspended: exitConflict,
	domain.CodeOrganizationHeld:      exitConflict,
	domain.CodeQuotaExceeded:         exitConflict,
	domain.CodePreconditionFailed:    exitConflict,
	domain.CodeOperationNotAbortable: exitConflict,
	domain.CodeOperationAborted:      exitConflict,
	domain.CodeMoveRefused:           exitConflict,
	domain.CodeStoreUnavailable:      exitUnavailable,
}

// Errors of the commands themselves.
var (
	// ErrServed says that another process owns the store, so that this one can only
	// read it.
	ErrServed       = errors.New("a server is using the store")
	errNotConfirmed = errors.New("not confirmed: nothing was changed")
	errInterrupted  = errors.New("interrupted")
)

// usageError is a mistake in what was typed or configured.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// WrongUsage marks an error as a mistake in what was typed or configured.
func WrongUsage(err error) error { return usageError{err} }

// ranError is an error that came up once a command had begun: the command line itself
// was right.
type ranError struct{ error }

func (e ranError) Unwrap() error { return e.error }

// Mark makes the commands below root tell their own errors from those of a command
// line that is wrong, so that ExitCode can.
func Mark(root *cobra.Command) {
	if run := root.RunE; run != nil {
		root.RunE = func(cmd *cobra.Command, args []string) error {
			if err := run(cmd, args); err != nil {
				return ranError{err}
			}
			return nil
		}
	}
	for _, c := range root.Commands() {
		Mark(c)
	}
}

// ExitCode returns the exit code for what executing a root that was given to Mark has
// returned.
func ExitCode(err error) int {
	var ran ranError
	var usage usageError
	var told *domain.Error
	switch {
	case err == nil:
		return exitDone
	case !errors.As(err, &ran), errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errNotConfirmed):
		return exitNotConfirmed
	case errors.Is(err, ErrServed):
		return exitServed
	case errors.As(err, &told):
		if code, ok := codes[told.Code]; ok {
			return code
		}
	}
	return exitFailed
}

// Explain returns the error's text for people, with the fields that are at fault.
func Explain(err error) string {
	var told *domain.Error
	if !errors.As(err, &told) || len(told.Fields) == 0 {
		return err.Error()
	}
	fields := make([]string, len(told.Fields))
	for i, f := range told.Fields {
		fields[i] = fmt.Sprintf("%s %s", f.Field, f.Message)
	}
	return fmt.Sprintf("%s: %s", told.Code, strings.Join(fields, "; "))
}

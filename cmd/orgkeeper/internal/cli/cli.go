// Package cli is the command line for those who run orgkeeper: the use cases of
// package app on the store itself, without a server between.
//
// What a script reads is on standard output, what is for people alone on standard
// error. The package doesn't know any engine: an Open gives it the store.
package cli

import (
	"context"
	"errors"
	"io"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Access says what a command is about to do to the store.
type Access string

// What commands do to a store.
const (
	// Read changes nothing, and works beside whoever uses the store.
	Read Access = "read"
	// Change changes records and storage, as a server does.
	Change Access = "change"
	// Repair changes as well, and finds the store's own structure as it is: opening
	// mends nothing.
	Repair Access = "repair"
)

// Store is an open store with the use cases on it.
type Store struct {
	Service       *app.Service
	Organizations ports.Organizations
	Directory     ports.Directory
	// Close ends the use of the store.
	Close func(ctx context.Context) error
}

// Open opens the store of the configuration. Faults of the use cases go to log, as
// lines for people. It returns ErrServed when another process owns the store, and
// what WrongUsage returns for a configuration that is not valid.
type Open func(ctx context.Context, access Access, log io.Writer) (Store, error)

// Commands returns the commands of this package.
func Commands(open Open) []*cobra.Command {
	return []*cobra.Command{organizationsCommand(open), checkCommand(open), straysCommand(open)}
}

// with runs work on the store. A signal ends the work's context.
func with(cmd *cobra.Command, open Open, access Access, work func(ctx context.Context, s Store) error) (err error) {
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	s, err := open(ctx, access, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, s.Close(context.WithoutCancel(ctx)))
		if ctx.Err() != nil && err != nil && !errors.Is(err, errNotConfirmed) {
			err = errInterrupted
		}
	}()
	return work(ctx, s)
}

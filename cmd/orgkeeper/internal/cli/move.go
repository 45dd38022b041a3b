package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// moveRoute is how a server is asked to move an organization.
const moveRoute = "POST /v1/organizations/{id}/move"

var (
	errMove    = WrongUsage(errors.New("say one of --to STRATEGY, --resume, --pause and --status"))
	errMoveAll = WrongUsage(errors.New("--all goes with --to, and without an ID, --name and --detach"))
	errOfAll   = WrongUsage(errors.New("--where, --parallel and --dry-run go with --all"))
)

// move is the command that moves organizations to another strategy.
type move struct {
	target
	*output
	all                                  moveAll
	to                                   string
	resume, pause, status, detach, every bool
}

func moveCommand(open Open, out *output) *cobra.Command {
	m := &move{output: out}
	c := &cobra.Command{
		Use:   "move {[ID] {--to STRATEGY | --resume | --pause | --status} | --all --to STRATEGY}",
		Short: "Move the documents of an organization, or of many, to another strategy",
		Long: "Moves the documents of an organization to another strategy: collection, database or\n" +
			"shared. They are read and written meanwhile, but for a short while at the end in which\n" +
			"they are only read. The command runs the move to its end, or waits for the server that\n" +
			"runs it. A move to the same strategy that is under way is gone on with, so that the\n" +
			"command can be repeated after it was interrupted. What the organization has left is kept\n" +
			"for MOVE_GRACE; a server drops it then.\n\n" +
			"organizations abort makes a move go back as long as nothing has switched.\n\n" +
			"With --all every active and suspended organization is moved, or those that --where\n" +
			"chooses, a few at once. It goes on past those that can't be moved, prints a line for\n" +
			"each, and ends with exit code 1 if any was left. Ctrl-C leaves what runs to be gone on\n" +
			"with, by the same command or by a server.",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeIDs(open, domain.StatusActive, domain.StatusSuspended),
		RunE: func(cmd *cobra.Command, args []string) error {
			if m.every {
				return m.runAll(cmd, open, args)
			}
			return m.runOne(cmd, open, args)
		},
	}
	m.target.addTo(c, open)
	f := c.Flags()
	f.StringVar(&m.to, "to", "", "the `strategy` to move to: collection, database or shared")
	f.BoolVar(&m.resume, "resume", false, "go on with the move that is paused or has failed")
	f.BoolVar(&m.pause, "pause", false, "let nobody go on with the move until --resume")
	f.BoolVar(&m.status, "status", false, "show how far moves have come")
	f.BoolVar(&m.detach, "detach", false, "don't run the move or wait for it: servers do")
	f.BoolVar(&m.every, "all", false, "move all organizations")
	m.all.addTo(c)
	strategies := cobra.FixedCompletions(completions(domain.Strategies()), cobra.ShellCompDirectiveNoFileComp)
	_ = c.RegisterFlagCompletionFunc("to", strategies) // The flag is there.
	return c
}

// runOne moves, pauses or shows one organization.
func (m *move) runOne(cmd *cobra.Command, open Open, args []string) error {
	id, _, err := m.take(args, 0)
	if err != nil {
		return err
	}
	asked := 0
	for _, ask := range []bool{m.to != "", m.resume, m.pause, m.status} {
		if ask {
			asked++
		}
	}
	switch {
	case m.all.given(cmd):
		return errOfAll
	case asked != 1 || m.detach && (m.pause || m.status):
		return errMove
	case m.status:
		return m.on(cmd, open, Read, id, func(ctx context.Context, s Store, o domain.Organization) error {
			return m.printMoves(ctx, cmd, s, o)
		})
	case m.pause:
		err := m.on(cmd, open, Change, id, func(ctx context.Context, s Store, o domain.Organization) error {
			paused, err := s.Service.PauseMove(ctx, app.Command{Organization: o.ID})
			if err != nil {
				return err
			}
			return m.printMove(cmd, paused)
		})
		return advise(err, "ask it, by "+moveRoute+"/pause")
	case m.resume:
		err := m.on(cmd, open, Change, id, func(ctx context.Context, s Store, o domain.Organization) error {
			resumed, err := s.Service.ResumeMove(ctx, app.Command{Organization: o.ID})
			if err != nil {
				return err
			}
			return m.goOn(ctx, cmd, s, o, resumed.Operation)
		})
		return advise(err, "ask it, by "+moveRoute+"/resume")
	}
	err = m.on(cmd, open, Change, id, func(ctx context.Context, s Store, o domain.Organization) error {
		o, err := beginMove(ctx, s, o.ID, domain.Strategy(m.to))
		if err != nil {
			return err
		}
		if !o.Busy() {
			fmt.Fprintf(cmd.ErrOrStderr(), "It has the strategy %s already.\n", o.Placement.Strategy)
			return m.print(cmd, described(ctx, s, o))
		}
		return m.goOn(ctx, cmd, s, o, o.Pending.ID)
	})
	return advise(err, "ask it, by "+moveRoute)
}

// beginMove begins to move the organization, unless a move to the strategy is under way
// already, and returns it with the operation; without one when it has the strategy.
func beginMove(ctx context.Context, s Store, id domain.OrganizationID, to domain.Strategy) (domain.Organization, error) {
	o, err := s.Service.MoveOrganization(ctx, app.Command{Organization: id}, to)
	if !errors.Is(err, domain.ErrOperationInProgress) {
		return o, err
	}
	o, readErr := s.Organizations.ByID(ctx, id)
	if op := o.Pending; readErr == nil && op.Kind == domain.OperationMove && op.Target.Strategy == to && op.Phase != domain.PhaseBack {
		return o, nil
	}
	return o, err
}

// goOn runs the move to its end, or waits for who runs it, and prints where the
// organization lives then.
func (m *move) goOn(ctx context.Context, cmd *cobra.Command, s Store, o domain.Organization, op domain.OperationID) error {
	w := cmd.ErrOrStderr()
	if m.detach {
		fmt.Fprintln(w, "Servers go on with the move; --status shows how far it has come.")
		return m.print(cmd, described(ctx, s, o))
	}
	shown := newMoveProgress(w)
	o, err := s.Service.FinishMove(ctx, o.ID, op, shown.set)
	shown.clear()
	if err != nil {
		if ctx.Err() != nil {
			fmt.Fprintln(w, "The move is under way still: a server goes on with it, or the same command does.")
		}
		return err
	}
	if ended, ok := endedMove(ctx, s, o.ID, op); ok {
		fmt.Fprintf(w, "moved; for %v nobody could write\n", ended.Held.Round(time.Millisecond))
	}
	return m.print(cmd, described(ctx, s, o))
}

// endedMove returns the record of a move that has switched. It may be gone, or not be told
// of yet.
func endedMove(ctx context.Context, s Store, id domain.OrganizationID, op domain.OperationID) (domain.Move, bool) {
	all, err := s.Service.Moves(ctx, id)
	for _, m := range all {
		if err == nil && m.Operation == op && m.Ended() {
			return m, true
		}
	}
	return domain.Move{}, false
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// The bounds of --parallel.
const (
	movesAtOnce     = 2
	mostMovesAtOnce = 100
)

// What has become of an organization that was to be moved.
const (
	outcomeMoved = "moved"
	// outcomePlanned is of a dry run.
	outcomePlanned = "planned"
	// outcomeSkipped had the strategy already.
	outcomeSkipped = "skipped"
	outcomeRefused = "refused"
	outcomeFailed  = "failed"
	// outcomePending is under way still: the command was interrupted.
	outcomePending = "pending"
)

// outcomes are in the order of a report.
var outcomes = []string{outcomeMoved, outcomePlanned, outcomeSkipped, outcomeRefused, outcomeFailed, outcomePending}

var errNotAllMoved = errors.New("not all organizations were moved")

// moveAll is how many organizations are moved, and which.
type moveAll struct {
	where    []string
	parallel int
	dryRun   bool

	query      ports.OrganizationQuery
	strategies []domain.Strategy
}

// addTo gives the command the flags.
func (a *moveAll) addTo(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&a.where, "where", nil, "those of all that have a `property`: strategy=collection, status=active or name-prefix=acme; repeat it to narrow, or to add a strategy or status")
	f.IntVar(&a.parallel, "parallel", movesAtOnce, "how many are moved at once")
	f.BoolVar(&a.dryRun, "dry-run", false, "only show what would be moved")
	var properties []cobra.Completion
	for _, strategy := range domain.Strategies() {
		properties = append(properties, "strategy="+string(strategy))
	}
	properties = append(properties, "status=active", "status=suspended", "name-prefix=")
	complete := cobra.FixedCompletions(properties, cobra.ShellCompDirectiveNoFileComp)
	_ = c.RegisterFlagCompletionFunc("where", complete) // The flag is there.
}

// given reports whether the command line has one of the flags.
func (a *moveAll) given(cmd *cobra.Command) bool {
	set := cmd.Flags().Changed
	return set("where") || set("parallel") || set("dry-run")
}

// check reads the flags.
func (a *moveAll) check() error {
	if a.parallel < 1 || a.parallel > mostMovesAtOnce {
		return WrongUsage(fmt.Errorf("--parallel must be between 1 and %d", mostMovesAtOnce))
	}
	a.query = ports.OrganizationQuery{Limit: app.ListLimit}
	for _, text := range a.where {
		key, value, _ := strings.Cut(text, "=")
		switch {
		case key == "strategy" && slices.Contains(domain.Strategies(), domain.Strategy(value)):
			a.strategies = append(a.strategies, domain.Strategy(value))
		case key == "status" && slices.Contains(movable, domain.Status(value)):
			a.query.Statuses = append(a.query.Statuses, domain.Status(value))
		case key == "name-prefix" && a.query.NameKeyPrefix == "" && value != "":
			prefix, err := keyPrefix(value)
			if err != nil {
				return err
			}
			a.query.NameKeyPrefix = prefix
		default:
			return WrongUsage(errors.New("--where must be strategy=collection, database or shared, status=active or suspended, or once name-prefix="))
		}
	}
	if a.query.Statuses == nil {
		a.query.Statuses = movable
	}
	return nil
}

// movable are the statuses in which an organization can be moved.
var movable = []domain.Status{domain.StatusActive, domain.StatusSuspended}

// runAll moves organizations, a few at once.
func (m *move) runAll(cmd *cobra.Command, open Open, args []string) error {
	if len(args) > 0 || m.name != "" || m.to == "" || m.resume || m.pause || m.status || m.detach {
		return errMoveAll
	}
	if err := m.all.check(); err != nil {
		return err
	}
	to, access := domain.Strategy(m.to), Change
	if !slices.Contains(domain.Strategies(), to) {
		return WrongUsage(errors.New("--to must be collection, database or shared"))
	}
	if m.all.dryRun {
		access = Read
	}
	err := with(cmd, open, access, func(ctx context.Context, s Store) error {
		r := newMoveReport(cmd, m.output)
		err := m.all.each(ctx, s, func(o domain.Organization) { r.add(m.all.move(ctx, s, o, to)) })
		return r.end(ctx, err)
	})
	return advise(err, "ask it for each, by "+moveRoute)
}

// each calls do with the organizations, a few at once, and returns when all calls have.
func (a *moveAll) each(ctx context.Context, s Store, do func(domain.Organization)) error {
	var running sync.WaitGroup
	defer running.Wait()
	room := make(chan struct{}, a.parallel)
	for q := a.query; ; {
		page, err := s.Service.ListOrganizations(ctx, q)
		if err != nil {
			return err
		}
		for _, o := range page {
			if a.strategies != nil && !slices.Contains(a.strategies, o.Placement.Strategy) {
				continue
			}
			select {
			case room <- struct{}{}:
			case <-ctx.Done():
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			running.Go(func() {
				defer func() { <-room }()
				do(o)
			})
		}
		if len(page) < q.Limit {
			return nil
		}
		q.After = page[len(page)-1].ID
	}
}

// movedView is what has become of one organization, as scripts see it.
type movedView struct {
	Organization domain.OrganizationID `json:"organization_id"`
	Name         string                `json:"name"`
	Outcome      string                `json:"outcome"`
	Code         domain.Code           `json:"code,omitempty"`
	Detail       string                `json:"detail,omitempty"`
	HeldMS       *int64                `json:"held_ms,omitempty"`
}

// move moves one organization to the end.
func (a *moveAll) move(ctx context.Context, s Store, o domain.Organization, to domain.Strategy) movedView {
	v := movedView{Organization: o.ID, Name: o.Name.String()}
	if a.dryRun {
		v.Outcome = outcomePlanned
		if o.Placement.Strategy == to && !o.Busy() {
			v.Outcome = outcomeSkipped
		}
		return v
	}
	o, err := beginMove(ctx, s, o.ID, to)
	if err == nil && !o.Busy() {
		v.Outcome = outcomeSkipped
		return v
	}
	op := o.Pending.ID
	if err == nil {
		_, err = s.Service.FinishMove(ctx, o.ID, op, nil)
	}
	v.Outcome = outcomeMoved
	switch told := (*domain.Error)(nil); {
	case err == nil:
		if ended, ok := endedMove(ctx, s, o.ID, op); ok {
			held := ended.Held.Milliseconds()
			v.HeldMS = &held
		}
	case ctx.Err() != nil:
		v.Outcome = outcomePending
	case errors.As(err, &told):
		v.Outcome, v.Code, v.Detail = outcomeFailed, told.Code, Explain(err)
		if told.Code == domain.CodeMoveRefused {
			v.Outcome = outcomeRefused
		}
	default:
		v.Outcome, v.Code, v.Detail = outcomeFailed, domain.CodeInternal, err.Error()
	}
	return v
}

// moveReport prints what has become of each organization when it is known.
type moveReport struct {
	*output
	cmd   *cobra.Command
	shown *progress

	mu    sync.Mutex
	count map[string]int
	err   error
}

func newMoveReport(cmd *cobra.Command, out *output) *moveReport {
	return &moveReport{output: out, cmd: cmd, shown: newProgress(cmd.ErrOrStderr()), count: map[string]int{}}
}

// add prints a line.
func (r *moveReport) add(v movedView) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shown.clear()
	first := len(r.count) == 0
	r.count[v.Outcome]++
	if err := r.line(v, first); err != nil && r.err == nil {
		r.err = err
	}
	done := 0
	for _, n := range r.count {
		done += n
	}
	r.shown.set("moving organizations", done, 0)
}

// line prints a line. The columns don't know how wide later ones are.
func (r *moveReport) line(v movedView, first bool) error {
	w := r.cmd.OutOrStdout()
	if r.json() {
		return writeJSON(w, v)
	}
	t := tabwriter.NewWriter(w, len(outcomeRefused), 0, 2, ' ', 0)
	if first {
		fmt.Fprintf(t, "%-36s\tOUTCOME\tHELD\tNAME\tDETAIL\n", "ID")
	}
	held := ""
	if v.HeldMS != nil {
		held = (time.Duration(*v.HeldMS) * time.Millisecond).String()
	}
	fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", cell(string(v.Organization)), v.Outcome, cell(held), cell(v.Name), visible(v.Detail))
	return t.Flush()
}

// end sums up, and returns the command's error.
func (r *moveReport) end(ctx context.Context, err error) error {
	r.shown.clear()
	w := r.cmd.ErrOrStderr()
	var sums []string
	for _, outcome := range outcomes {
		if n := r.count[outcome]; n > 0 {
			sums = append(sums, fmt.Sprintf("%d %s", n, outcome))
		}
	}
	if sums == nil {
		sums = []string{"no organization is chosen"}
	}
	fmt.Fprintln(w, strings.Join(sums, ", "))
	if ctx.Err() != nil {
		fmt.Fprintln(w, "What is under way servers go on with, or the same command does.")
	}
	if left := r.count[outcomeRefused] + r.count[outcomeFailed]; err == nil && left > 0 {
		err = errNotAllMoved
	}
	return errors.Join(err, r.err)
}

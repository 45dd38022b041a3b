package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// listing is the command that lists organizations.
type listing struct {
	*output
	statuses            []string
	namePrefix          string
	createdFrom, before string
	after               string
	limit               int
	all                 bool
}

func listCommand(open Open, out *output) *cobra.Command {
	l := &listing{output: out}
	c := &cobra.Command{
		Use:   "list",
		Short: "List organizations, the oldest first; without --status all but purged ones",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := l.query()
			if err != nil {
				return err
			}
			return with(cmd, open, Read, func(ctx context.Context, s Store) error { return l.print(ctx, cmd, s, q) })
		},
	}
	f := c.Flags()
	f.StringSliceVar(&l.statuses, "status", nil, "those in these `statuses`: provisioning, active, suspended, deleted, purged")
	f.StringVar(&l.namePrefix, "name-prefix", "", "those whose name begins with `text`, in any case and width")
	f.StringVar(&l.createdFrom, "created-from", "", "those made at this `time` or later, as 2026-01-31 or 2026-01-31T12:00:00Z")
	f.StringVar(&l.before, "created-before", "", "those made before this `time`")
	f.StringVar(&l.after, "after", "", "those behind the organization with this `ID`")
	f.IntVar(&l.limit, "limit", 50, fmt.Sprintf("how many at most, up to %d", app.ListLimit))
	f.BoolVar(&l.all, "all", false, "all of them, however many")
	c.MarkFlagsMutuallyExclusive("limit", "all")
	_ = c.RegisterFlagCompletionFunc("status", cobra.FixedCompletions(completions(domain.Statuses()), cobra.ShellCompDirectiveNoFileComp)) // The flag is there.
	return c
}

// query checks the flags.
func (l *listing) query() (ports.OrganizationQuery, error) {
	q := ports.OrganizationQuery{After: domain.OrganizationID(l.after), Limit: l.limit}
	if l.limit < 1 || l.limit > app.ListLimit {
		return q, WrongUsage(fmt.Errorf("--limit must be between 1 and %d; --all has no limit", app.ListLimit))
	}
	if l.all {
		q.Limit = app.ListLimit
	}
	for _, text := range l.statuses {
		status, err := statusOf(text)
		if err != nil {
			return q, err
		}
		q.Statuses = append(q.Statuses, status)
	}
	var prefixErr, fromErr, beforeErr error
	q.NameKeyPrefix, prefixErr = keyPrefix(l.namePrefix)
	q.CreatedFrom, fromErr = timeOf("--created-from", l.createdFrom)
	q.CreatedBefore, beforeErr = timeOf("--created-before", l.before)
	return q, errors.Join(prefixErr, fromErr, beforeErr)
}

// keyPrefix returns what the keys of names begin with that begin with the text.
func keyPrefix(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	prefix, err := domain.NameKeyPrefix(text)
	if err != nil {
		return "", WrongUsage(errors.New("--name-prefix must be the beginning of a name"))
	}
	return prefix, nil
}

// timeOf reads a time or a day in UTC; "" is the zero time.
func timeOf(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, WrongUsage(errors.New(flag + " must be a day or a time, as 2026-01-31 or 2026-01-31T12:00:00Z"))
}

// print writes page by page, so that memory doesn't grow with their number.
func (l *listing) print(ctx context.Context, cmd *cobra.Command, s Store, q ports.OrganizationQuery) error {
	for first := true; ; first = false {
		page, err := s.Service.ListOrganizations(ctx, q)
		if err != nil {
			return err
		}
		if err := l.printPage(cmd, page, first); err != nil || len(page) < q.Limit {
			return err
		}
		q.After = page[len(page)-1].ID
		if !l.all {
			fmt.Fprintf(cmd.ErrOrStderr(), "There may be more: --after %s, or --all.\n", visible(string(q.After)))
			return nil
		}
	}
}

func (l *listing) printPage(cmd *cobra.Command, page []domain.Organization, first bool) error {
	if l.json() {
		for _, o := range page {
			if err := writeJSON(cmd.OutOrStdout(), httpapi.Represent(app.OrganizationDetails{Organization: o})); err != nil {
				return err
			}
		}
		return nil
	}
	t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	if first {
		fmt.Fprintln(t, strings.Join([]string{"ID", "STATUS", "CREATED", "NAMESPACE", "NOTE", "NAME"}, "\t"))
	}
	for _, o := range page {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", cell(string(o.ID)), cell(string(o.Status)), clock(o.CreatedAt),
			cell(o.Placement.Namespace), cell(note(o)), cell(o.Name.String()))
	}
	return t.Flush()
}

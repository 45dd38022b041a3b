package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// verb is a command that changes one organization.
type verb struct {
	name, short, long string
	// argument is what else the command takes, "" if nothing.
	argument string
	// route is how a server is asked for the same.
	route string
	// of are the statuses of organizations that it can be about; none is all.
	of []domain.Status
	// destroys is what happens, for the question before it; "" asks nothing.
	destroys string
	// flags adds flags of its own.
	flags func(cmd *cobra.Command)
	act   func(ctx context.Context, s *app.Service, c app.Command, argument string) (domain.Organization, error)
}

// command returns the verb's command.
func (v verb) command(open Open, out *output) *cobra.Command {
	t := target{deleted: len(v.of) == 1 && v.of[0] == domain.StatusDeleted}
	var asking confirmation
	more := 0
	use := v.name + " [ID]"
	if v.argument != "" {
		more, use = 1, use+" "+v.argument
	}
	c := &cobra.Command{
		Use:               use,
		Short:             v.short,
		Long:              v.long,
		Args:              cobra.MaximumNArgs(1 + more),
		ValidArgsFunction: completeIDs(open, v.of...),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, rest, err := t.take(args, more)
			if err != nil {
				return err
			}
			if v.destroys != "" {
				if err := asking.possible(cmd); err != nil {
					return err
				}
			}
			err = t.on(cmd, open, Change, id, func(ctx context.Context, s Store, o domain.Organization) error {
				o, err := v.perform(ctx, cmd, s, o, &asking, strings.Join(rest, ""))
				if err != nil {
					return err
				}
				return out.print(cmd, described(ctx, s, o))
			})
			return advise(err, "ask it, by "+v.route)
		},
	}
	t.addTo(c, open)
	if v.destroys != "" {
		asking.addTo(c)
	}
	if v.flags != nil {
		v.flags(c)
	}
	return c
}

// perform asks, where that is called for, and acts.
func (v verb) perform(
	ctx context.Context, cmd *cobra.Command, s Store, o domain.Organization, asking *confirmation, argument string,
) (domain.Organization, error) {
	command := app.Command{Organization: o.ID}
	if v.destroys != "" && !asking.yes {
		id, name := visible(string(o.ID)), strings.TrimSpace(visible(o.Name.String()))
		happens, word := fmt.Sprintf("%s\n  %s  %s", v.destroys, id, name), name
		if word == "" { // A record of an older service may lack it.
			word = id
		}
		if err := asking.ask(ctx, cmd, happens, word); err != nil {
			return o, err
		}
		command.IfVersion = o.Version // What was confirmed is what was shown.
	}
	return v.act(ctx, s.Service, command, argument)
}

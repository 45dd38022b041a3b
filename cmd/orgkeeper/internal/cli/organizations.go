package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

func organizationsCommand(open Open) *cobra.Command {
	c, out := group(&cobra.Command{
		Use:     "organizations",
		Aliases: []string{"organization", "orgs"},
		Short:   "Create, list, show and change organizations in the store of the configuration",
		Long: "Works on the store itself, without a server. On MongoDB it works beside servers. On\n" +
			"SQLite, while a server runs, list, show, usage, move --status and export do; what changes\n" +
			"something says which route of the server does it.\n\n" +
			"An organization is named by its ID, or with --name by its name.\n\n" + ExitCodes,
	})
	c.AddCommand(createCommand(open, out), listCommand(open, out), showCommand(open, out), usageCommand(open, out), quotaCommand(open, out), moveCommand(open, out), exportCommand(open), importCommand(open))
	for _, v := range verbs() {
		c.AddCommand(v.command(open, out))
	}
	return c
}

// group completes a command that only has others below it, which share their output.
func group(c *cobra.Command) (*cobra.Command, *output) {
	c.Args = cobra.NoArgs
	c.RunE = func(cmd *cobra.Command, _ []string) error { return errors.Join(cmd.Help(), errNoCommand) }
	out := &output{}
	out.addTo(c)
	c.PersistentPreRunE = func(*cobra.Command, []string) error { return out.check() }
	return c, out
}

// errNoCommand is for a group of commands that was called by itself.
var errNoCommand = WrongUsage(errors.New("say which command"))

// looking completes a command that reads one organization.
func looking(
	c *cobra.Command, open Open, look func(ctx context.Context, cmd *cobra.Command, s Store, o domain.Organization) error,
) *cobra.Command {
	var t target
	c.Args = cobra.MaximumNArgs(1)
	c.ValidArgsFunction = completeIDs(open)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		id, _, err := t.take(args, 0)
		if err != nil {
			return err
		}
		return t.on(cmd, open, Read, id, func(ctx context.Context, s Store, o domain.Organization) error {
			return look(ctx, cmd, s, o)
		})
	}
	t.addTo(c, open)
	return c
}

func showCommand(open Open, out *output) *cobra.Command {
	return looking(&cobra.Command{
		Use:   "show [ID]",
		Short: "Show an organization of any status",
		Long:  "Shows an organization of any status. A name means the live organization that has it,\nor the one deleted organization that had it.",
	}, open, func(ctx context.Context, cmd *cobra.Command, s Store, o domain.Organization) error {
		details, err := s.Service.InspectOrganization(ctx, o.ID)
		if err != nil {
			return err
		}
		return out.print(cmd, details)
	})
}

// print writes one organization.
func (o *output) print(cmd *cobra.Command, d app.OrganizationDetails) error {
	if o.json() {
		return writeJSON(cmd.OutOrStdout(), httpapi.Represent(d))
	}
	return describe(cmd.OutOrStdout(), d)
}

// servedError says how to reach the use case while a server owns the store.
type servedError struct {
	error
	remedy string
}

func (e servedError) Error() string { return fmt.Sprintf("%v: %s", e.error, e.remedy) }

func (e servedError) Unwrap() error { return e.error }

// advise adds to an ErrServed what else can be done.
func advise(err error, remedy string) error {
	if errors.Is(err, ErrServed) {
		return servedError{err, remedy}
	}
	return err
}

// described returns the organization with its owner's email, if that can be had: the
// change that it comes from is done, whatever becomes of the look.
func described(ctx context.Context, s Store, o domain.Organization) app.OrganizationDetails {
	d, err := s.Service.InspectOrganization(ctx, o.ID)
	if err != nil {
		return app.OrganizationDetails{Organization: o}
	}
	return app.OrganizationDetails{Organization: o, AdminEmail: d.AdminEmail}
}

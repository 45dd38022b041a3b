package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// strayRemedy says what to do while a server owns the store: no route tends strays.
const strayRemedy = "stop it, or let it be until then: a stray harms nobody"

// strayView is a stray as scripts see it.
type strayView struct {
	Kind         app.StrayKind         `json:"kind"`
	Namespace    string                `json:"namespace"`
	Database     string                `json:"database"`
	Organization domain.OrganizationID `json:"organization_id,omitempty"`
	Documents    int64                 `json:"documents"`
	Bytes        int64                 `json:"bytes"`
}

func straysCommand(open Open) *cobra.Command {
	c, out := group(&cobra.Command{
		Use:   "strays",
		Short: "Look after namespaces that stand where no organization lives",
		Long: "A stray is a namespace that stands where no organization lives. Its kind says how it came:\n" +
			"  left      an organization has left this name, and somebody has written there since\n" +
			"  reserved  an organization was given this name and perhaps never lived there\n" +
			"  purged    the organization that had this name is purged\n" +
			"  unknown   no organization ever had this name\n" +
			"No stray belongs to another organization, and none is ever dropped by orgkeeper.\n\n" + ExitCodes,
	})
	c.AddCommand(listStrays(open, out), mergeStray(open, out), quarantineStray(open, out))
	return c
}

func listStrays(open Open, out *output) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List strays",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return with(cmd, open, Read, func(ctx context.Context, s Store) error {
				strays, err := s.Service.Strays(ctx)
				if err != nil {
					return err
				}
				return out.printStrays(cmd, strays)
			})
		},
	}
}

func (o *output) printStrays(cmd *cobra.Command, strays []app.Stray) error {
	w := cmd.OutOrStdout()
	if o.json() {
		for _, s := range strays {
			err := writeJSON(w, strayView{s.Kind, s.Placement.Namespace, s.Placement.Database, s.Organization, s.Documents, s.Bytes})
			if err != nil {
				return err
			}
		}
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "KIND\tDOCUMENTS\tBYTES\tORGANIZATION\tNAMESPACE")
	for _, s := range strays {
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%s\n", s.Kind, s.Documents, s.Bytes, cell(string(s.Organization)), cell(s.Placement.Namespace))
	}
	return t.Flush()
}

func mergeStray(open Open, out *output) *cobra.Command {
	return tend(open, &cobra.Command{
		Use:   "merge NAMESPACE",
		Short: "Copy a stray's documents to the organization that has left its name",
		Long: "Copies the documents whose ID is absent there into the namespace of the organization that\n" +
			"has left the stray's name. The stray stays as it is: quarantine it afterwards. It can be\n" +
			"run again after a failure.",
	}, func(ctx context.Context, cmd *cobra.Command, s Store, namespace string) error {
		copied, err := s.Service.MergeStray(ctx, namespace)
		if err != nil {
			return err
		}
		if out.json() {
			return writeJSON(cmd.OutOrStdout(), struct {
				Namespace string `json:"namespace"`
				Copied    int64  `json:"copied"`
			}{namespace, copied})
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "Copied %d documents. %s stays as it is: put it into quarantine.\n", copied, visible(namespace))
		return err
	})
}

func quarantineStray(open Open, out *output) *cobra.Command {
	return tend(open, &cobra.Command{
		Use:   "quarantine NAMESPACE",
		Short: "Rename a stray to a name that no organization ever has",
		Long:  "Renames a stray to a name that begins with quarantine_, which no organization ever has.\nIts documents stay there until somebody drops them by hand.",
	}, func(ctx context.Context, cmd *cobra.Command, s Store, namespace string) error {
		name, err := s.Service.QuarantineStray(ctx, namespace)
		if err != nil {
			return err
		}
		if out.json() {
			return writeJSON(cmd.OutOrStdout(), struct {
				Namespace  string `json:"namespace"`
				Quarantine string `json:"quarantine"`
			}{namespace, name})
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is %s now.\n", visible(namespace), visible(name))
		return err
	})
}

// tend completes a command that does something about one stray.
func tend(open Open, c *cobra.Command, act func(ctx context.Context, cmd *cobra.Command, s Store, namespace string) error) *cobra.Command {
	c.Args = cobra.ExactArgs(1)
	c.ValidArgsFunction = cobra.NoFileCompletions
	c.RunE = func(cmd *cobra.Command, args []string) error {
		return advise(with(cmd, open, Change, func(ctx context.Context, s Store) error {
			return act(ctx, cmd, s, args[0])
		}), strayRemedy)
	}
	return c
}

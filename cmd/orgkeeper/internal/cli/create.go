package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// passwordMaxBytes is more than any password has.
const passwordMaxBytes = 4 * domain.PasswordMaxRunes

func createCommand(open Open, out *output) *cobra.Command {
	var email, strategy string
	c := &cobra.Command{
		Use:   "create NAME --email EMAIL",
		Short: "Create an organization with its administrator",
		Long: "Creates an organization with its administrator, also while sign-up is closed. The\n" +
			"password is the first line of the standard input; on a terminal it is asked for.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := readPassword(cmd)
			if err != nil {
				return err
			}
			err = with(cmd, open, Change, func(ctx context.Context, s Store) error {
				created, err := s.Service.CreateOrganization(ctx, app.CreateOrganization{
					Name: args[0], Email: email, Password: password,
					By: domain.ActorOperator, Strategy: domain.Strategy(strategy),
				})
				if err != nil {
					return err
				}
				return out.print(cmd, app.OrganizationDetails(created))
			})
			return advise(err, "ask it, by POST /v1/organizations")
		},
	}
	c.Flags().StringVar(&email, "email", "", "the administrator's `email` address")
	c.Flags().StringVar(&strategy, "strategy", "", "how its documents are kept: collection, database or shared; without it as TENANCY says")
	_ = c.MarkFlagRequired("email") // The flags are there.
	_ = c.RegisterFlagCompletionFunc("strategy", cobra.FixedCompletions(completions(domain.Strategies()), cobra.ShellCompDirectiveNoFileComp))
	return c
}

// readPassword reads a line, from a terminal without showing it.
func readPassword(cmd *cobra.Command) (domain.Secret, error) {
	in := cmd.InOrStdin()
	if f, ok := in.(*os.File); ok && IsTerminal(in) {
		fmt.Fprint(cmd.ErrOrStderr(), "The administrator's password: ")
		typed, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(cmd.ErrOrStderr())
		return domain.NewSecret(string(typed)), err
	}
	line, err := bufio.NewReader(io.LimitReader(in, passwordMaxBytes+2)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return domain.Secret{}, err
	}
	return domain.NewSecret(strings.TrimRight(line, "\r\n")), nil
}

// Orgkeeper registers the organizations of a multi-tenant product, keeps each
// one's data apart, and lets their administrators in, over HTTP.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/adapters/config"
	"github.com/orgkeeper/orgkeeper/cmd/orgkeeper/internal/cli"
)

// version is stamped by the linker: -ldflags "-X main.version=v1.2.3".
var version = "dev"

func main() {
	if err := command().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "orgkeeper:", cli.Explain(err))
		os.Exit(cli.ExitCode(err))
	}
}

// command returns the command line. Without a subcommand it serves.
func command() *cobra.Command {
	root := &cobra.Command{
		Use:           "orgkeeper",
		Short:         "Registers organizations and keeps their data apart",
		Long:          "orgkeeper registers the organizations of a multi-tenant product, keeps each one's\ndata apart, and lets their administrators in. Without a command it serves.\n\nEnvironment variables, also from a .env file:\n\n" + config.Usage() + "\n\n" + cli.ExitCodes,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          serve,
	}
	root.AddCommand(
		&cobra.Command{
			Use:   "serve",
			Short: "Serve HTTP until SIGTERM or SIGINT",
			Args:  cobra.NoArgs,
			RunE:  serve,
		},
		&cobra.Command{
			Use:   "config",
			Short: "Print the configuration in force, secrets hidden, and where it comes from",
			Args:  cobra.NoArgs,
			RunE:  printConfig,
		},
		backupCommand(),
		restoreCommand(),
		&cobra.Command{
			Use:   "healthcheck",
			Short: "Ask the server on this machine whether it is ready; exit status 1 if not",
			Args:  cobra.NoArgs,
			RunE:  healthcheck,
		},
		&cobra.Command{
			Use:   "version",
			Short: "Print the version",
			Args:  cobra.NoArgs,
			Run: func(cmd *cobra.Command, _ []string) {
				fmt.Fprintln(cmd.OutOrStdout(), "orgkeeper", version)
			},
		},
	)
	root.AddCommand(cli.Commands(openForCommand)...)
	cli.Mark(root)
	return root
}

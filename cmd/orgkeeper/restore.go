package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/adapters/sqlite"
)

func restoreCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Make a SQLite store in DATA_DIR of a backup; an existing one is refused",
		Long: "Makes a SQLite store in DATA_DIR of FILE, which orgkeeper backup has written. There must\n" +
			"be no store in DATA_DIR yet. All is checked before it is put in place. Operations that\n" +
			"ran when the backup was made are finished when the server starts.\n\n" +
			keyNote + "\n\nMongoDB is restored by mongorestore: see docs/operations.md, section Back-ups.",
		Args: cobra.ExactArgs(1),
		RunE: restore,
	}
}

func restore(cmd *cobra.Command, args []string) error {
	ctx, stop, c, err := onFiles(cmd)
	if err != nil {
		return err
	}
	defer stop()
	bar := newBar(cmd.ErrOrStderr(), "restoring")
	m, err := sqlite.Restore(ctx, sqlite.RestoreOptions{File: args[0], Dir: c.DataDir, Progress: bar.set})
	bar.end()
	if err != nil {
		return err
	}
	describe(cmd.OutOrStdout(), args[0], m)
	fmt.Fprintf(cmd.OutOrStdout(), "It is in %s now.\n", c.DataDir)
	return nil
}

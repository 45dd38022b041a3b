package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/adapters/config"
	"github.com/orgkeeper/orgkeeper/adapters/sqlite"
)

// errNotSQLite is for commands on files, where the store is none.
var errNotSQLite = errors.New("STORE is mongo: use mongodump and mongorestore; docs/operations.md, section Back-ups, says how")

const keyNote = "The token key in DATA_DIR (jwt_secret), or JWT_SECRET, is not part of a backup: keep it\n" +
	"apart. Under another key all access tokens are invalid, and people log in again."

func backupCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a backup of the SQLite store to FILE, also while a server runs",
		Long: "Writes a backup of the SQLite store in DATA_DIR to FILE, a tar archive, also while a\n" +
			"server runs. registry.db and data.db are as they were at one instant, files of\n" +
			"organizations as they were when their turn came; all are checked. FILE appears whole\n" +
			"or not at all; its folder needs room for the store twice meanwhile.\n" +
			"It holds password hashes: guard it as you guard the store.\n\n" +
			keyNote + "\n\nMongoDB is backed up by mongodump: see docs/operations.md, section Back-ups.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return backup(cmd, args[0], force) },
	}
	c.Flags().BoolVar(&force, "force", false, "replace FILE if it is an older backup")
	return c
}

func backup(cmd *cobra.Command, file string, force bool) error {
	ctx, stop, c, err := onFiles(cmd)
	if err != nil {
		return err
	}
	defer stop()
	bar := newBar(cmd.ErrOrStderr(), "backing up")
	m, err := sqlite.Backup(ctx, sqlite.BackupOptions{
		Dir: c.DataDir, File: file, Force: force, Program: version, Progress: bar.set,
	})
	bar.end()
	if err != nil {
		return err
	}
	describe(cmd.OutOrStdout(), file, m)
	return nil
}

// onFiles begins a command that works on the files of the SQLite store. A signal
// ends its context, so that it can clear up; stop undoes that.
func onFiles(cmd *cobra.Command) (ctx context.Context, stop func(), c config.Config, err error) {
	c, err = config.Load(envFile)
	if err == nil && c.Store != config.StoreSQLite {
		err = errNotSQLite
	}
	if err != nil {
		return nil, nil, c, err
	}
	ctx, stop = signal.NotifyContext(cmd.Context(), syscall.SIGTERM, syscall.SIGINT)
	return ctx, stop, c, nil
}

// describe tells what is in a backup. The files of organizations, which may be many, are
// told in one line.
func describe(w io.Writer, file string, m sqlite.Manifest) {
	fmt.Fprintf(w, "%s: the store of %s, by orgkeeper %s\n", file, m.CreatedAt.Format(time.RFC3339), m.Program)
	files, size := 0, int64(0)
	for _, f := range m.Files {
		if strings.HasPrefix(f.Name, sqlite.DatabasesDir+"/") {
			files++
			size += f.Size
			continue
		}
		fmt.Fprintf(w, "  %-12s %d bytes, schema %d\n", f.Name, f.Size, f.Schema)
	}
	if files > 0 {
		fmt.Fprintf(w, "  %-12s %d bytes, %d files of organizations\n", sqlite.DatabasesDir, size, files)
	}
}

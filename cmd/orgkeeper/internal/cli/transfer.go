package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// standardStream is the FILE that stands for standard input or output.
const standardStream = "-"

func exportCommand(open Open) *cobra.Command {
	var t target
	c := &cobra.Command{
		Use:   "export [ID] FILE",
		Short: "Write an organization's documents to FILE, - for standard output",
		Long: "Writes an organization's documents to FILE, - for standard output: a line of Extended\n" +
			"JSON each, and a last line that sums them up. FILE appears whole or not at all. Also of\n" +
			"a suspended organization, and of a deleted one that is kept. Works beside a server.",
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: completeIDs(open),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, rest, err := t.take(args, 1)
			if err != nil {
				return err
			}
			return t.on(cmd, open, Read, id, func(ctx context.Context, s Store, o domain.Organization) error {
				done, err := export(cmd, rest[0], func(w io.Writer) (app.Export, error) {
					return s.Service.ExportDocuments(ctx, o.ID, w)
				})
				if err == nil {
					fmt.Fprintf(cmd.ErrOrStderr(), "exported %d documents, digest %s%s\n", done.Documents, done.Digest,
						map[bool]string{false: ", not of one instant"}[done.Consistent])
				}
				return err
			})
		},
	}
	t.addTo(c, open)
	return c
}

// export has the documents written to the file, under another name until it is whole.
func export(cmd *cobra.Command, file string, write func(w io.Writer) (app.Export, error)) (done app.Export, err error) {
	shown := newProgress(cmd.ErrOrStderr())
	defer shown.clear()
	counted := &lineCounter{shown: shown, what: "exporting documents"}
	if file == standardStream {
		return write(io.MultiWriter(cmd.OutOrStdout(), counted))
	}
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*.part")
	if err != nil {
		return done, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	done, err = write(io.MultiWriter(f, counted))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return done, err
	}
	return done, os.Rename(f.Name(), file)
}

func importCommand(open Open) *cobra.Command {
	var (
		t      target
		offset int64
	)
	c := &cobra.Command{
		Use:   "import [ID] FILE",
		Short: "Put the documents of an export into an organization; - for standard input",
		Long: "Puts the documents of an export in FILE, - for standard input, into an organization. One\n" +
			"that exists is replaced, others stay. Nothing is undone when it fails: it says how far\n" +
			"it has come, and --offset goes on there. It may be repeated.",
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: completeIDs(open),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, rest, err := t.take(args, 1)
			if err != nil {
				return err
			}
			if offset < 0 {
				return WrongUsage(errors.New("--offset must not be negative"))
			}
			in := io.NopCloser(cmd.InOrStdin())
			if rest[0] != standardStream {
				if in, err = os.Open(rest[0]); err != nil {
					return err
				}
			}
			defer func() { _ = in.Close() }() // it was only read
			err = t.on(cmd, open, Change, id, func(ctx context.Context, s Store, o domain.Organization) error {
				shown := newProgress(cmd.ErrOrStderr())
				counted := io.TeeReader(in, &lineCounter{shown: shown, what: "importing documents"})
				done, err := s.Service.ImportDocuments(ctx, o.ID, counted, offset)
				shown.clear()
				fmt.Fprintf(cmd.ErrOrStderr(), "imported %d documents, of which %d were not there\n", done.Offset, done.Created)
				if err != nil && done.Offset > 0 {
					fmt.Fprintf(cmd.ErrOrStderr(), "to go on there: --offset %d\n", done.Offset)
				}
				return err
			})
			return advise(err, "ask it, by POST /v1/organizations/{id}/import")
		},
	}
	t.addTo(c, open)
	c.Flags().Int64Var(&offset, "offset", 0, "how many documents to read and not to write")
	return c
}

// lineCounter shows how many lines went through it.
type lineCounter struct {
	shown *progress
	what  string
	lines int
}

// Write implements io.Writer.
func (c *lineCounter) Write(b []byte) (int, error) {
	c.lines += bytes.Count(b, []byte{'\n'})
	c.shown.set(c.what, c.lines, 0)
	return len(b), nil
}

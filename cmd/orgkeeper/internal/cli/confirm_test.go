package cli

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/spf13/cobra"
)

// onTerminal returns a command whose input is a terminal at which the text is typed.
func onTerminal(t *testing.T, typed string) (cmd *cobra.Command, shown *bytes.Buffer) {
	t.Helper()
	person, terminal, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = person.Close(), terminal.Close() })
	if _, err := person.WriteString(typed); err != nil {
		t.Fatal(err)
	}
	cmd, shown = &cobra.Command{}, &bytes.Buffer{}
	cmd.SetIn(terminal)
	cmd.SetErr(shown)
	return cmd, shown
}

func TestConfirmationOnATerminal(t *testing.T) {
	for typed, want := range map[string]error{
		"Acme Corp\n":   nil,
		" Acme Corp \n": nil,
		"acme corp\n":   errNotConfirmed,
		"yes\n":         errNotConfirmed,
		"\n":            errNotConfirmed,
		"\x04":          errNotConfirmed, // The end of input.
	} {
		cmd, shown := onTerminal(t, typed)
		var c confirmation
		if err := c.possible(cmd); err != nil {
			t.Errorf("%q: it can't be asked: %v", typed, err)
		}
		if err := c.ask(t.Context(), cmd, "This deletes.", "Acme Corp"); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", typed, err, want)
		}
		if got := shown.String(); got != "This deletes.\nType Acme Corp to go on: " {
			t.Errorf("it asks %q", got)
		}
	}
}

func TestQuestionEndsWithASignal(t *testing.T) {
	cmd, _ := onTerminal(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var c confirmation
	if err := c.ask(ctx, cmd, "This deletes.", "Acme Corp"); !errors.Is(err, errNotConfirmed) {
		t.Errorf("got %v", err)
	}
}

func TestConfirmationWithoutATerminal(t *testing.T) {
	cmd := &cobra.Command{}
	cmd.SetIn(strings.NewReader("Acme Corp\n"))
	var c confirmation
	if err := c.possible(cmd); !errors.Is(err, errNotConfirmed) {
		t.Errorf("got %v", err)
	}
	c.yes = true
	if err := errors.Join(c.possible(cmd), c.ask(t.Context(), cmd, "This deletes.", "Acme Corp")); err != nil {
		t.Errorf("with --yes: %v", err)
	}
}

func TestProgressIsForTerminalsAlone(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b)
	p.set("organizations", 1, 2)
	p.clear()
	if b.Len() > 0 || p.done["organizations"] != 1 {
		t.Errorf("wrote %q, counted %v", b.String(), p.done)
	}

	person, terminal, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer person.Close()
	p = newProgress(terminal)
	p.set("organizations", 1, 2)
	p.set("namespaces", 3, 0)
	p.clear()
	if err := terminal.Close(); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 1<<12)
	n, err := person.Read(text)
	if err != nil || !strings.Contains(string(text[:n]), "organizations") {
		t.Errorf("it shows %q, %v", text[:n], err)
	}
}

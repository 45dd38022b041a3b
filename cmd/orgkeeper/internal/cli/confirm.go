package cli

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// errNoTerminal says that nobody can be asked.
var errNoTerminal = fmt.Errorf("%w: there is no terminal to ask on; --yes goes on without", errNotConfirmed)

// confirmation asks before what destroys.
type confirmation struct{ yes bool }

// addTo gives the command the flag that answers in advance.
func (c *confirmation) addTo(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&c.yes, "yes", "y", false, "don't ask")
}

// possible returns an error when the question could not be asked, so that a command
// finds out before it does anything.
func (c *confirmation) possible(cmd *cobra.Command) error {
	if !c.yes && !IsTerminal(cmd.InOrStdin()) {
		return errNoTerminal
	}
	return nil
}

// ask tells what is about to happen and returns nil when the wanted word is typed
// before ctx ends.
func (c *confirmation) ask(ctx context.Context, cmd *cobra.Command, happens, word string) error {
	if c.yes {
		return nil
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s\nType %s to go on: ", happens, word)
	answers := make(chan string, 1)
	go func() { // A read from a terminal can't be given up; it ends with the process.
		answer, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
		if err != nil {
			answer = ""
		}
		answers <- answer
	}()
	select {
	case <-ctx.Done():
	case answer := <-answers:
		if strings.TrimSpace(answer) == word {
			return nil
		}
	}
	return errNotConfirmed
}

// IsTerminal reports whether a person sits at the stream.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

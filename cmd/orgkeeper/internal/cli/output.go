package cli

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"
)

// The forms of output.
const (
	table    = "table"
	jsonForm = "json"
)

var errOutput = WrongUsage(errors.New("--output must be table or json"))

// output is the flag that chooses the form.
type output struct{ form string }

// addTo gives the command and those below it the flag.
func (o *output) addTo(cmd *cobra.Command) {
	cmd.PersistentFlags().StringVarP(&o.form, "output", "o", table, "table for people, json for scripts: an object a line")
	forms := cobra.FixedCompletions([]string{table, jsonForm}, cobra.ShellCompDirectiveNoFileComp)
	_ = cmd.RegisterFlagCompletionFunc("output", forms) // The flag is there: it was made above.
}

func (o *output) check() error {
	if !slices.Contains([]string{table, jsonForm}, o.form) {
		return errOutput
	}
	return nil
}

func (o *output) json() bool { return o.form == jsonForm }

package config

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Table gives all variables as a table in Markdown.
func Table() string {
	var b strings.Builder
	b.WriteString("| variable | default | meaning |\n| --- | --- | --- |\n")
	cell := strings.NewReplacer("|", `\|`)
	for f := range fields() {
		preset := cell.Replace(f.fallback)
		if f.preset != "" {
			preset = "`" + cell.Replace(f.preset) + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.name, preset, cell.Replace(f.desc))
	}
	return b.String()
}

// Usage gives all variables as text for a terminal.
func Usage() string {
	var b strings.Builder
	out := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for f := range fields() {
		preset := ""
		if words := f.defaultInWords(); words != "" {
			preset = " [" + words + "]"
		}
		fmt.Fprintf(out, "%s\t%s%s\n", f.name, f.desc, preset)
	}
	_ = out.Flush() // A strings.Builder takes everything.
	return b.String()
}

// Example gives a .env file in which every variable is commented out and has
// its default.
func Example() string {
	var b strings.Builder
	b.WriteString(`# Settings of orgkeeper. Copy this file to .env and take the # off what you set.
# Variables of the environment are stronger than this file; an empty value is as
# if it were not set. Put a value with spaces, quotes, # or $ in single quotes.
`)
	for f := range fields() {
		fmt.Fprintf(&b, "\n# %s\n", f.desc)
		if f.fallback != "" {
			fmt.Fprintf(&b, "# Default: %s.\n", f.fallback)
		}
		fmt.Fprintf(&b, "#%s=%s\n", f.name, f.preset)
	}
	return b.String()
}

package config

import (
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
)

// Print writes a table of every variable, what is in force and where it came
// from. Secrets are not shown, of MONGO_URI all but the password.
func (c Config) Print(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "VARIABLE\tVALUE\tSOURCE")
	for f := range fields() {
		fmt.Fprintf(out, "%s\t%s\t%s\n", f.name, c.show(f), c.Sources[f.name])
	}
	return out.Flush()
}

// show gives a value as it may be seen.
func (c Config) show(f field) string {
	switch v := reflect.ValueOf(c).Field(f.index).Interface().(type) {
	case Secret:
		if v.IsZero() {
			return "(none: " + f.fallback + ")"
		}
		return hidden
	case MongoURI:
		if v.IsZero() {
			return "(none)"
		}
		return v.Shown()
	default:
		return showText(fmt.Sprint(v))
	}
}

// showText keeps a terminal from reading more than text out of a value, and
// leaves out the password of a URL that stands where none belongs.
func showText(s string) string {
	if start := strings.Index(s, "://"); start >= 0 && strings.Contains(s[start:], "@") {
		s = s[:start] + "://" + hidden + s[strings.LastIndexByte(s, '@'):]
	}
	if s == "" {
		return "(none)"
	}
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

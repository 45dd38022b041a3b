package arch

import (
	"fmt"
	"slices"
	"strings"
)

// rule is a ban, with the reason that its failure gives.
type rule struct {
	name    string
	reason  string
	applies func(source) bool
	broken  func(source) []string
}

const maxLines = 500

// clock are the functions of package time that read the clock.
var clock = []string{"Now", "Since", "Until"}

var rules = []rule{
	{
		name:    "domain imports the standard library and golang.org/x/text alone",
		reason:  "the rules of the product must not depend on any layer or tool around them; x/text is Unicode, which the rules on names are about",
		applies: layer("domain"),
		broken:  importsBut(standard, below("golang.org/x/text"), ours("domain")),
	},
	{
		name:    "domain does no I/O and draws no random numbers",
		reason:  "what it decides must follow from its arguments alone, or its tests prove little; randomness is injected",
		applies: layer("domain"),
		broken: imports(exactly("os", "net", "syscall", "crypto/rand"),
			below("os/exec", "os/signal", "net/http", "net/rpc", "database/sql", "math/rand")),
	},
	{
		name:    "domain does not read the clock",
		reason:  "time is an argument: a rule that asks for it by itself cannot be tested at a given moment",
		applies: layer("domain"),
		broken:  func(s source) []string { return s.uses("time", clock, false) },
	},
	{
		name:    "domain has no struct tags",
		reason:  "how a type looks as JSON, BSON or a row is its adapter's matter; with tags here, renaming a field breaks a client or a database",
		applies: layer("domain"),
		broken:  source.tags,
	},
	{
		name:    "tests of domain stay clear of the other layers",
		reason:  "a rule that needs a store to be tested is not in the right place",
		applies: func(s source) bool { return s.in("domain") && s.test },
		broken:  imports(ours("ports", "app", "adapters", "cmd")),
	},
	{
		name:    "ports import the standard library and domain alone",
		reason:  "a port says what app needs; a type of some driver on it would tie every adapter to that driver",
		applies: layer("ports"),
		broken:  importsBut(standard, ours("domain", "ports")),
	},
	{
		name:    "app imports the standard library, ports and domain alone",
		reason:  "a team that embeds the use cases takes in nothing else, and an engine can be changed without touching them",
		applies: layer("app"),
		broken:  importsBut(standard, ours("domain", "ports", "app")),
	},
	{
		name:    "app speaks no HTTP and no SQL and draws no random numbers",
		reason:  "transport and storage belong to adapters; IDs and randomness are injected, so that tests can fix them",
		applies: layer("app"),
		broken:  imports(below("net/http", "database/sql", "math/rand"), exactly("crypto/rand")),
	},
	{
		name:    "app has no clock of its own",
		reason:  "leases and expiries are tested by giving the time; one call past the injected clock makes such a test wait or lie",
		applies: layer("app"),
		broken:  func(s source) []string { return s.uses("time", clock, true) },
	},
	{
		name:    "an adapter imports no sibling adapter",
		reason:  "each talks to one outside thing and can be left out or replaced alone; only cmd puts them together",
		applies: layer("adapters"),
		broken:  siblings,
	},
	{
		name:    "adapters do not import cmd",
		reason:  "imports point inward: domain, ports, app, adapters, cmd",
		applies: layer("adapters"),
		broken:  imports(ours("cmd")),
	},
	{
		name:    "the product does not import its tests",
		reason:  "the binary would carry test servers and their libraries; only a build with the tag crashpoints, which kills itself, is for tests alone",
		applies: func(s source) bool { return !s.test && !s.in("test") && !s.built("crashpoints") },
		broken:  imports(ours("test"), exactly("testing")),
	},
	{
		name:    fmt.Sprintf("a file has at most %d lines", maxLines),
		reason:  "a file that grows past that holds two things; split it by what they are",
		applies: func(s source) bool { return !s.generated },
		broken: func(s source) []string {
			if s.lines <= maxLines {
				return nil
			}
			return []string{fmt.Sprintf("%s has %d lines", s.path, s.lines)}
		},
	},
}

// layer matches the files of a top-level folder that are part of the product.
func layer(folder string) func(source) bool {
	return func(s source) bool { return s.in(folder) && !s.test }
}

// matcher says whether an import path is of some group.
type matcher func(imported string) bool

// imports finds imports of any of the groups.
func imports(groups ...matcher) func(source) []string {
	return func(s source) []string {
		return s.imports(func(imported string) bool { return anyOf(groups, imported) })
	}
}

// importsBut finds imports of none of the groups.
func importsBut(groups ...matcher) func(source) []string {
	return func(s source) []string {
		return s.imports(func(imported string) bool { return !anyOf(groups, imported) })
	}
}

func anyOf(groups []matcher, imported string) bool {
	return slices.ContainsFunc(groups, func(m matcher) bool { return m(imported) })
}

// standard matches the standard library: the first element of any other path has a dot.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

func exactly(paths ...string) matcher {
	return func(imported string) bool { return slices.Contains(paths, imported) }
}

// below matches the paths and everything under them.
func below(paths ...string) matcher {
	return func(imported string) bool {
		return slices.ContainsFunc(paths, func(p string) bool {
			return imported == p || strings.HasPrefix(imported, p+"/")
		})
	}
}

// ours matches this repository's packages under the top-level folders.
func ours(folders ...string) matcher {
	paths := make([]string, len(folders))
	for i, folder := range folders {
		paths[i] = module + "/" + folder
	}
	return below(paths...)
}

// siblings finds imports of one adapter by another. What is below an adapter's folder is part of it.
func siblings(s source) []string {
	own := strings.Split(s.path, "/")[1]
	return s.imports(func(imported string) bool {
		return ours("adapters")(imported) && !ours("adapters/"+own)(imported)
	})
}

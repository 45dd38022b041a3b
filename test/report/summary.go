package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// engine is a line of the summary. A test belongs to it when element is one of the elements
// of the test's name, or of its package's import path.
type engine struct {
	title, element string
	optional       bool // not mentioned when nothing ran
}

var engines = []engine{
	{title: "SQLite", element: "sqlite"},
	{title: "MongoDB replica set", element: "mongo-replica-set"},
	{title: "MongoDB standalone", element: "mongo-standalone"},
	{title: "MongoDB in Docker", element: "mongo-docker"},
	{title: "MongoDB of TEST_MONGO_URI", element: "mongo-uri", optional: true},
}

func (e engine) has(t *test) bool {
	return slices.Contains(strings.Split(t.name, "/"), e.element) ||
		slices.Contains(strings.Split(t.pkg, "/"), e.element)
}

// counts says whether a test's own outcome counts. One with subtests is only the sum of these,
// unless it failed by itself.
func (t *test) counts() bool {
	return !t.parent || t.failed > 0 && !t.failedChild
}

// summarize writes the end of the report. The totals are its last line.
func (c *collector) summarize() {
	var passed, skipped int
	ran := make([]int, len(engines))
	failed := slices.Clone(c.broken)
	for _, t := range c.tests {
		if !t.counts() {
			continue
		}
		passed += t.passed
		skipped += t.skipped
		for range t.failed {
			failed = append(failed, t.pkg+" "+t.name)
		}
		for i, e := range engines {
			if e.has(t) {
				ran[i] += t.passed + t.failed
			}
		}
	}
	fmt.Fprintln(c.out, "\nTests that ran on")
	for i, e := range engines {
		if ran[i] > 0 || !e.optional {
			fmt.Fprintf(c.out, "  %-26s %6d\n", e.title, ran[i])
		}
	}
	c.list("The slowest tests, each with its subtests", c.slowest())
	c.list("Suites that did not run, and how to get them", c.missing)
	c.list("Failed", failed)
	fmt.Fprintf(c.out, "%d passed, %d failed, %d skipped\n", passed, len(failed), skipped)
}

// slow is the least time, in seconds, for which a test is named, and most how many are.
const slow, most = 10, 10

// slowest names the tests that take longest, of those that are no subtests.
func (c *collector) slowest() (lines []string) {
	all := slices.DeleteFunc(slices.Clone(c.tests), func(t *test) bool {
		return t.seconds < slow || strings.Contains(t.name, "/")
	})
	slices.SortStableFunc(all, func(a, b *test) int { return cmp.Compare(b.seconds, a.seconds) })
	for _, t := range all[:min(len(all), most)] {
		lines = append(lines, fmt.Sprintf("%5.0f s  %s %s", t.seconds, t.pkg, t.name))
	}
	return lines
}

func (c *collector) list(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintln(c.out, title)
	for _, line := range lines {
		fmt.Fprintln(c.out, "  "+line)
	}
}

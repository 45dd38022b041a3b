package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/orgkeeper/orgkeeper/test/notrun"
)

// event is one line of go test -json; see `go doc test2json` and `go help buildjson`.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64 // seconds
}

// test is what is known of one test or subtest.
type test struct {
	pkg, name               string
	output                  []string // since it last started; dropped when it passes
	running                 bool
	parent                  bool // it has subtests
	failedChild             bool
	passed, failed, skipped int // more than one in all with -count
	seconds                 float64
}

// collector turns go test's events into readable output and keeps what the summary needs.
type collector struct {
	out      io.Writer
	tests    []*test // in the order of their first event
	byName   map[[2]string]*test
	packages map[string][]string // output of packages that are not done, outside any test
	broken   []string            // packages that failed without any failed test
	missing  []string            // messages of notrun, each once
}

func newCollector(out io.Writer) *collector {
	return &collector{out: out, byName: map[[2]string]*test{}, packages: map[string][]string{}}
}

// read takes events until the stream ends. A line that is no event is passed through.
func (c *collector) read(events io.Reader) error {
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		switch {
		case len(line) == 0:
		case json.Unmarshal(line, &e) == nil && e.Action != "":
			c.take(e)
		default:
			fmt.Fprintf(c.out, "%s", line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (c *collector) take(e event) {
	switch {
	case e.Action == "build-output":
		fmt.Fprint(c.out, e.Output)
	case e.Package == "": // build-fail and what may come to be
	case e.Test == "":
		c.takePackage(e)
	default:
		c.takeTest(e)
	}
}

func (c *collector) takeTest(e event) {
	t := c.test(e.Package, e.Test)
	t.seconds += e.Elapsed
	switch e.Action {
	case "run":
		t.running, t.output = true, nil
		c.markParents(t)
	case "output":
		t.output = append(t.output, e.Output)
		c.collectMissing(e.Output)
	case "pass":
		t.passed++
		t.running, t.output = false, nil
	case "skip":
		t.skipped++
		t.running, t.output = false, nil
	case "fail":
		c.fail(t)
	}
}

func (c *collector) test(pkg, name string) *test {
	key := [2]string{pkg, name}
	t := c.byName[key]
	if t == nil {
		t = &test{pkg: pkg, name: name}
		c.byName[key] = t
		c.tests = append(c.tests, t)
	}
	return t
}

// parents calls do for every test that t is a subtest of.
func (c *collector) parents(t *test, do func(*test)) {
	for i, r := range t.name {
		if r != '/' {
			continue
		}
		// A slash may also be part of a subtest's own name.
		if p := c.byName[[2]string{t.pkg, t.name[:i]}]; p != nil {
			do(p)
		}
	}
}

func (c *collector) markParents(t *test) {
	c.parents(t, func(p *test) { p.parent = true })
}

func (c *collector) fail(t *test) {
	t.failed++
	t.running = false
	c.parents(t, func(p *test) { p.failedChild = true })
	for _, line := range t.output {
		if !strings.HasPrefix(line, "=== ") {
			fmt.Fprint(c.out, line)
		}
	}
	t.output = nil
}

func (c *collector) takePackage(e event) {
	switch e.Action {
	case "output":
		c.packages[e.Package] = append(c.packages[e.Package], e.Output)
		c.collectMissing(e.Output)
	case "pass":
		for _, line := range c.packages[e.Package] {
			if strings.HasPrefix(line, "ok  \t") {
				fmt.Fprint(c.out, line)
			}
		}
		delete(c.packages, e.Package)
	case "skip": // no test files
		delete(c.packages, e.Package)
	case "fail":
		c.failPackage(e.Package)
	}
}

// failPackage counts what a panic, a timeout or an os.Exit has left unfinished as failed.
// A package that fails with no failed test at all (its build, its TestMain) counts as one failure.
func (c *collector) failPackage(pkg string) {
	failed := false
	for _, t := range c.tests {
		if t.pkg == pkg && t.running {
			c.fail(t)
		}
		failed = failed || t.pkg == pkg && t.failed > 0
	}
	for _, line := range c.packages[pkg] {
		fmt.Fprint(c.out, line)
	}
	delete(c.packages, pkg)
	if !failed {
		c.broken = append(c.broken, pkg)
	}
}

// collectMissing keeps a message of notrun, once.
func (c *collector) collectMissing(line string) {
	suite, remedy, ok := notrun.Parse(line)
	if !ok {
		return
	}
	message := suite + ": " + remedy
	for _, known := range c.missing {
		if known == message {
			return
		}
	}
	c.missing = append(c.missing, message)
}

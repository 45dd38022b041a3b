// Command report runs go test and says at the end what was proven on which engine.
//
// Its arguments are go test's own:
//
//	report -race ./...
//
// While the tests run it prints what go test prints: a line for each package, and failures in full.
// Then follow the number of tests that ran on each engine, the tests that took longest,
// the suites that did not run with how to get them, and as the last line the totals,
// "N passed, N failed, N skipped". The exit status is go test's.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func main() {
	// An interrupt at the terminal reaches go test as well. It ends the tests; what ran is still summed up.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	code, err := run(os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// run runs go test with args, writes the report to out and returns go test's exit status.
func run(args []string, out io.Writer) (int, error) {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return 1, err
	}
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	go func() {
		for range terminated {
			_ = cmd.Process.Signal(syscall.SIGTERM)
		}
	}()
	c := newCollector(out)
	readErr := c.read(events)
	waitErr := cmd.Wait()
	c.summarize()
	if exit, ok := errors.AsType[*exec.ExitError](waitErr); ok {
		// A go test that was ended by a signal has no status of its own: -1.
		if exit.ExitCode() < 0 {
			return 1, readErr
		}
		return exit.ExitCode(), readErr
	}
	return 0, errors.Join(readErr, waitErr)
}

//go:build crashpoints

package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/test/steps"
)

// A build with the tag crashpoints does to itself, at the boundary between two steps that
// a variable names, what may happen to any process there: at ORGKEEPER_CRASH_AT it
// kills itself (SIGKILL), at ORGKEEPER_FREEZE_AT it freezes (SIGSTOP) until SIGCONT.
// steps.ParsePoint says how a boundary is named.
func init() {
	crash, freeze := point("ORGKEEPER_CRASH_AT"), point("ORGKEEPER_FREEZE_AT")
	if crash == nil && freeze == nil {
		return
	}
	decorate = func(d app.Dependencies) app.Dependencies {
		return steps.Wrap(d, func(_ context.Context, step steps.Step) error {
			if crash != nil && crash.Reached(step) {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {} // The signal may take a moment; nothing may happen in it.
			}
			if freeze != nil && freeze.Reached(step) {
				freezeSelf()
			}
			return nil
		})
	}
}

// point returns the boundary in the variable, nil if there is none.
func point(variable string) *steps.Point {
	text := os.Getenv(variable)
	if text == "" {
		return nil
	}
	p, err := steps.ParsePoint(text)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", variable, err)
		os.Exit(2)
	}
	return p
}

// freezeSelf stops the process and returns when it was let go on. The signal may take
// a moment, in which this goroutine must not go on either.
func freezeSelf() {
	on := make(chan os.Signal, 1)
	signal.Notify(on, syscall.SIGCONT)
	defer signal.Stop(on)
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	<-on
}

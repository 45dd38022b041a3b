//go:build crashpoints

package main

import (
	"context"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/test/steps"
)

// A build with the tag crashpoints kills itself (SIGKILL) at the step boundary
// whose number, from 1, is in ORGKEEPER_CRASH_AT.
func init() {
	at, err := strconv.ParseInt(os.Getenv("ORGKEEPER_CRASH_AT"), 10, 64)
	if err != nil {
		return
	}
	var boundaries atomic.Int64
	decorate = func(d app.Dependencies) app.Dependencies {
		return steps.Wrap(d, func(context.Context, steps.Step) error {
			if boundaries.Add(1) == at {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {} // The signal may take a moment; nothing may happen in it.
			}
			return nil
		})
	}
}

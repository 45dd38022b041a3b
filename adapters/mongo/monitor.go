package mongo

import (
	"context"
	"sync"

	"go.mongodb.org/mongo-driver/v2/event"
)

// monitor tells observe of every command. Of an event it reads the name alone: the
// rest of a command, its reply and its failure hold what was sent.
func monitor(observe func(ctx context.Context, command string) (end func(failed bool))) *event.CommandMonitor {
	// A request's ID is the process's own and differs from all that run.
	var running sync.Map
	finish := func(id int64, failed bool) {
		if end, ok := running.LoadAndDelete(id); ok {
			end.(func(bool))(failed) //nolint:errcheck,forcetypeassert // the map holds nothing else
		}
	}
	return &event.CommandMonitor{
		Started: func(ctx context.Context, e *event.CommandStartedEvent) {
			running.Store(e.RequestID, observe(ctx, e.CommandName))
		},
		Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) { finish(e.RequestID, false) },
		Failed:    func(_ context.Context, e *event.CommandFailedEvent) { finish(e.RequestID, true) },
	}
}

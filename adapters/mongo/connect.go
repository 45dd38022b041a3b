package mongo

import (
	"context"
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
)

// firstAttempt is how long a new client waits for a primary before it asks anew;
// each further attempt takes twice as long.
const firstAttempt = 100 * time.Millisecond

// awaitPrimary waits until the primary answers, for the store's timeout at most.
//
// It asks more than once, since a single wait can be for nothing: the driver
// (v2.9.3, Topology.Subscribe) reads what is known of the servers before it
// listens for news. News that come in between are missed, and the next come after
// 10 s. A wait that begins later finds what is known by then.
func (s *Store) awaitPrimary(ctx context.Context) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	return translate("await the primary", askAnew(ctx, func(ctx context.Context) error {
		return s.client.Ping(ctx, readpref.Primary())
	}))
}

// askAnew calls ask until it has an answer or ctx ends, and returns the last
// call's error. A time-out counts as no answer: the driver notices the end of an
// attempt a moment before the attempt's context does.
func askAnew(ctx context.Context, ask func(context.Context) error) error {
	for patience := firstAttempt; ; patience *= 2 {
		attempt, cancel := context.WithTimeout(ctx, patience)
		err := ask(attempt)
		if driver.IsTimeout(err) {
			<-attempt.Done()
		}
		gaveUp := attempt.Err() != nil
		cancel()
		if err == nil || !gaveUp || ctx.Err() != nil {
			return err
		}
	}
}

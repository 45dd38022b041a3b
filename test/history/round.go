package history

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/steps"
)

// The size of a round, and how it is disturbed.
const (
	clients = 8
	actions = 60
	names   = 6

	lease = 20 * time.Millisecond
	// Of 1,000 boundaries of steps so many fail or lose their answer, and freeze.
	faults  = 12
	freezes = 3

	// patience is how long the checker may search.
	patience = time.Minute
)

// round has the clients act on names that nobody had before, and returns the number of
// their operations and what the checker says about them.
func round(
	ctx context.Context, complain func(format string, args ...any), d app.Dependencies, database string, seed uint64,
) (int, porcupine.CheckResult) {
	r := &recorder{began: time.Now()}
	random := rand.New(rand.NewPCG(seed, 0))
	all := make([]string, names)
	for i := range all {
		all[i] = fmt.Sprintf("Acme %d %d", seed, i)
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	var background, foreground sync.WaitGroup
	services := make([]*app.Service, 2)
	for i := range services {
		services[i] = process(disturbed(d, random.Uint64()), database)
		background.Go(func() { services[i].KeepReconciling(running) })
	}
	for i := range clients {
		c := &client{r, complain, i, services, all, rand.New(rand.NewPCG(seed, uint64(i)+1))}
		foreground.Go(func() {
			for range actions {
				c.act(ctx)
			}
		})
	}
	foreground.Wait()
	stop()
	background.Wait()
	finish(ctx, complain, d, database, r, all)
	return r.operations, porcupine.CheckOperationsTimeout(model(), r.history(), patience)
}

// finish lets a process that nothing disturbs finish what was left, look every name up,
// and take those that are free: none stays held.
func finish(
	ctx context.Context, complain func(format string, args ...any), d app.Dependencies, database string, r *recorder, names []string,
) {
	time.Sleep(2 * lease) // The leases are real.
	s := process(d, database)
	if err := s.Reconcile(ctx); err != nil {
		complain("reconciling: %v", err)
	}
	c := &client{r, complain, clients, []*app.Service{s}, names, nil}
	for _, name := range names {
		c.get(ctx, s, name)
		if _, err := s.GetOrganization(ctx, name); !errors.Is(err, domain.ErrOrganizationNotFound) {
			continue
		}
		c.create(ctx, s, name)
		if _, err := s.GetOrganization(ctx, name); err != nil {
			complain("%s can't be created when all has come to rest: %v", name, err)
		}
	}
}

func process(d app.Dependencies, database string) *app.Service {
	s, err := app.New(d, app.Options{Database: database, OperationLease: lease, DeleteRetention: time.Hour})
	if err != nil {
		panic(err) // all that it needs is above
	}
	return s
}

// disturbed returns dependencies whose steps fail, lose their answer and freeze.
func disturbed(d app.Dependencies, seed uint64) app.Dependencies {
	random := rand.New(rand.NewPCG(seed, 0))
	var mu sync.Mutex
	return steps.Wrap(d, func(ctx context.Context, _ steps.Step) error {
		mu.Lock()
		dice := random.IntN(1000)
		mu.Unlock()
		switch {
		case dice < faults:
			return domain.ErrStoreUnavailable.Because(errFault)
		case dice < faults+freezes:
			time.Sleep(3 * lease)
		}
		return nil
	})
}

var errFault = errors.New("a fault")

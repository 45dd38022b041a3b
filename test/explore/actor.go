package explore

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"strconv"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/cleartoken"
)

// lease is the operations' lease, database where their namespaces are.
const (
	lease    = 10 * time.Second
	database = "tenants"
	year     = 365 * 24 * time.Hour
)

// epoch is when every exploration begins.
var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// call is a call of a port that an actor is about to make.
type call struct {
	// name is the port's and the method's.
	name string
	args arguments
	// writes says that the call may change the store.
	writes bool
	// organization, request and move are the record that a call writes, if it writes one.
	organization *domain.Organization
	request      *domain.Request
	move         *domain.Move
	document     *lateDocument
	// make makes the call on the ports of a store.
	make func(ctx context.Context, d *app.Dependencies) answer
}

// answer is what a call has returned.
type answer struct {
	value any
	err   error
}

// errAway is the answer to a call that a fault has hit.
var errAway = domain.ErrStoreUnavailable.Because(errors.New("a fault of the schedule"))

// process is an actor that runs: a process of its own with one request or command. It
// is a coroutine, which stands still from each of its calls to the answer.
type process struct {
	next func() (call, bool)
	stop func()
	// reply and now are what the process sees when it goes on.
	reply answer
	now   time.Time
	yield func(call) bool
	// ended says that err is the request's result.
	ended bool
	err   error
}

// errStopped unwinds a process whose explorer has lost interest.
var errStopped = errors.New("explore: the process is stopped")

// start returns a process that plays the role. index tells its IDs from those of others.
func start(ctx context.Context, r role, index int, b *brief) *process {
	p := &process{}
	p.next, p.stop = iter.Pull(func(yield func(call) bool) {
		defer func() {
			if e := recover(); e != nil && e != any(errStopped) {
				panic(e)
			}
		}()
		p.yield = yield
		err := p.play(ctx, r, index, b)
		p.ended, p.err = true, err
	})
	return p
}

// play does what the role does.
func (p *process) play(ctx context.Context, r role, index int, b *brief) error {
	d := p.ports()
	d.Passwords, d.Tokens = hasher{generation: generation(index)}, cleartoken.Tokens{}
	d.Now = func() time.Time { return p.now }
	ids, draws := 0, 0
	d.NewID = func() string {
		ids++
		return newID(index, ids)
	}
	// All draw the same first name of a namespace, so that they meet.
	d.Random = func(n int) int {
		draws++
		if draws <= sameDraws {
			return draws % n
		}
		return (draws + index) % n
	}
	d.Log = slog.New(slog.DiscardHandler)
	// Who would wait for another process gives up.
	d.Wait = func(context.Context, time.Duration) error { return errAway }
	s, err := app.New(d, app.Options{Database: database, OperationLease: lease, MoveGrace: lease, DeleteRetention: r.retention})
	if err != nil {
		return err
	}
	return r.run(ctx, &turn{s, b, p})
}

// sameDraws is how many random numbers a namespace's name takes.
const sameDraws = 8

// newID returns an ID that tells whose it is. It has a UUID's form.
func newID(index, n int) string {
	const zeros = "000000000000"
	s := strconv.Itoa(n)
	return "01980000-0000-7000-800" + strconv.Itoa(index) + "-" + zeros[len(s):] + s
}

// owner returns the index of the process that has drawn the ID.
func owner(id string) int {
	const at = len("01980000-0000-7000-800")
	if len(id) <= at {
		return -1
	}
	return int(id[at] - '0')
}

// ask stops the process at a call until the explorer has answered.
func ask[T any](p *process, c call) (T, error) {
	if !p.yield(c) {
		panic(errStopped)
	}
	value, _ := p.reply.value.(T)
	return value, p.reply.err
}

// tell is ask for a call that returns nothing but an error.
func tell(p *process, c call) error {
	_, err := ask[struct{}](p, c)
	return err
}

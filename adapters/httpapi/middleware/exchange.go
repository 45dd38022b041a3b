package middleware

import (
	"context"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
)

// Exchange is what is known about one request while it is served. It is the
// request's context itself, so that a request costs one allocation here and not
// one for each thing that is remembered. FromContext finds it.
type Exchange struct {
	// RequestID identifies the request in the answer and in the log.
	RequestID string
	// Client is the address of the client, proxies that are trusted left out. It
	// is not valid where the connection has no address.
	Client netip.Addr
	// Forwarded reports that the request says it came through a proxy, whether
	// the proxy is trusted or not.
	Forwarded bool
	// Route is the pattern of the route that was found, empty when none was.
	Route string
	// Principal is whom the request's token stands for, nil when nobody is known.
	Principal any

	base     context.Context
	started  time.Time
	response response
	routing  *chi.Context
	idHeader [1]string

	mu       sync.Mutex
	deadline time.Time
	bounded  context.Context
	cancel   context.CancelFunc
}

type exchangeKey struct{}

// FromContext returns the exchange that ctx belongs to, or nil.
func FromContext(ctx context.Context) *Exchange {
	e, _ := ctx.Value(exchangeKey{}).(*Exchange)
	return e
}

// Bound gives the exchange a deadline, counted from now. Later calls do nothing.
// The timer that ends the exchange is made when somebody first waits for its
// end: what is refused without waiting doesn't pay for it. Nobody may wait yet.
func (e *Exchange) Bound(limit time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.deadline.IsZero() && limit > 0 {
		e.deadline = time.Now().Add(limit)
	}
}

// Deadline implements context.Context.
func (e *Exchange) Deadline() (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.deadline.IsZero() {
		return e.base.Deadline()
	}
	if earlier, ok := e.base.Deadline(); ok && earlier.Before(e.deadline) {
		return earlier, true
	}
	return e.deadline, true
}

// Done implements context.Context.
func (e *Exchange) Done() <-chan struct{} { return e.waiting().Done() }

// Err implements context.Context.
func (e *Exchange) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.bounded != nil:
		return e.bounded.Err()
	case e.base.Err() != nil:
		return e.base.Err()
	case !e.deadline.IsZero() && !time.Now().Before(e.deadline):
		return context.DeadlineExceeded
	}
	return nil
}

// Value implements context.Context. The router finds its own part here, so that
// it need not copy the request. Package context asks for what carries the
// cancellation.
func (e *Exchange) Value(key any) any {
	switch key {
	case exchangeKey{}:
		return e
	case chi.RouteCtxKey:
		return e.routing
	}
	e.mu.Lock()
	bounded := e.bounded
	e.mu.Unlock()
	if bounded != nil {
		return bounded.Value(key)
	}
	return e.base.Value(key)
}

// waiting returns the context that ends when the exchange does.
func (e *Exchange) waiting() context.Context {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.bounded != nil:
		return e.bounded
	case e.deadline.IsZero():
		return e.base
	}
	e.bounded, e.cancel = context.WithDeadline(e.base, e.deadline)
	return e.bounded
}

// stop frees the timer, if one was made, and ends all that waits.
func (e *Exchange) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cancel != nil {
		e.cancel()
	}
}

// response counts what is written and lets a status be set once.
type response struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader implements http.ResponseWriter. All calls after the first are
// left out; informational statuses pass.
func (r *response) WriteHeader(status int) {
	if r.status != 0 {
		return
	}
	if status >= http.StatusOK {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (r *response) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap serves http.ResponseController.
func (r *response) Unwrap() http.ResponseWriter { return r.ResponseWriter }

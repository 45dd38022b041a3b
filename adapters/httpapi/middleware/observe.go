package middleware

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
)

// Observer begins and ends every exchange.
type Observer struct {
	// Log gets the access log and panics. Required.
	Log *slog.Logger
	// Now is the clock of the access log. Required.
	Now func() time.Time
	// NewID makes an identifier for a request that brings none. Required.
	NewID func() string
	// Quiet reports of a route that its successes are logged at debug level:
	// probes come every few seconds.
	Quiet func(route string) bool
	// Finished, if set, is told of every request that has been answered. ctx is the
	// request's. It must return at once.
	Finished func(ctx context.Context, f Finished)
	// Panicked answers a request whose handler panicked before it answered.
	Panicked http.HandlerFunc
}

// Finished is what is told of an answered request. Nothing in it is a client's own
// words, so that few different values can come.
type Finished struct {
	// Method is "other" where it is none of HTTP's own.
	Method string
	// Route is the pattern of the route, "-" when none was found.
	Route  string
	Status int
	Took   time.Duration
}

// routings keeps the router's contexts, as chi does itself when it makes them.
var routings = sync.Pool{New: func() any { return chi.NewRouteContext() }}

// Handler wraps next. It sets the protective headers and the request's ID,
// serves, answers for a handler that panicked, and writes the log's line.
func (o *Observer) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		routing, _ := routings.Get().(*chi.Context) // the pool holds nothing else
		routing.Reset()
		e := &Exchange{base: r.Context(), started: o.Now(), routing: routing}
		e.RequestID = requestID(r.Header, o.NewID)
		e.Client, e.Forwarded = clientAddress(r)
		e.response.ResponseWriter = w
		e.idHeader[0] = e.RequestID
		header := w.Header()
		header["X-Request-Id"] = e.idHeader[:]
		protect(header)

		r = r.WithContext(e)
		defer o.end(e, r)
		next.ServeHTTP(&e.response, r)
	})
}

// end is deferred: it sees a panic of the handlers.
func (o *Observer) end(e *Exchange, r *http.Request) {
	abort := false
	if cause := recover(); cause != nil {
		abort = o.recovered(e, r, cause)
	}
	gone := errors.Is(e.Err(), context.Canceled)
	e.stop()
	routings.Put(e.routing)
	e.routing = nil
	o.record(e, r, gone)
	if o.Finished != nil {
		o.Finished(e, Finished{
			Method: knownMethod(r.Method),
			Route:  orDash(e.Route),
			Status: e.status(),
			Took:   o.Now().Sub(e.started),
		})
	}
	if abort {
		// net/http closes the connection and prints nothing: the client must not
		// take half an answer for a whole one.
		panic(http.ErrAbortHandler)
	}
}

// recovered deals with a panic and reports whether the connection has to go.
func (o *Observer) recovered(e *Exchange, r *http.Request, cause any) bool {
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return true
	}
	o.Log.LogAttrs(r.Context(), slog.LevelError, "panic",
		slog.String("request_id", e.RequestID),
		slog.String("route", e.Route),
		slog.String("cause", fmt.Sprint(cause)),
		slog.String("stack", string(debug.Stack())))
	if e.response.status != 0 {
		return true
	}
	o.Panicked(&e.response, r)
	return false
}

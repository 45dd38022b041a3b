package middleware

import (
	"net/http"
	"sync/atomic"
)

// InFlight bounds the requests that are served at once, and with them the memory
// that they take.
type InFlight struct {
	// Max is how many are served at once.
	Max int64
	// Exempt, if set, reports of a request that it is served whatever else is, and not
	// counted.
	Exempt func(r *http.Request) bool
	// Refused answers the others.
	Refused http.HandlerFunc

	now atomic.Int64
}

// Now returns how many requests are being served.
func (f *InFlight) Now() int { return int(min(f.now.Load(), f.Max)) }

// Handler wraps next.
func (f *InFlight) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.Exempt != nil && f.Exempt(r) {
			next.ServeHTTP(w, r)
			return
		}
		defer f.now.Add(-1)
		if f.now.Add(1) > f.Max {
			if r.ContentLength != 0 {
				// Otherwise net/http reads the body to have the connection for the next
				// request, for as long as the client takes to send it.
				w.Header()["Connection"] = []string{"close"}
			}
			f.Refused(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

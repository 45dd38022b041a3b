package middleware

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/go-chi/httprate"
)

// Limit allows each client address perMinute requests in any minute and has
// refused answer the rest; Retry-After is set then. 0 is no limit. Addresses of
// IPv6 count by their /64, which is what one client is given.
//
// Clients of the exempt addresses are not counted if their requests don't claim
// to come through a proxy: behind an unknown proxy on this machine every client
// would look like it.
func Limit(perMinute int, exempt []netip.Prefix, refused http.HandlerFunc) func(http.Handler) http.Handler {
	if perMinute <= 0 {
		return func(next http.Handler) http.Handler { return next }
	}
	limiter := httprate.NewRateLimiter(perMinute, time.Minute,
		httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"}))
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			e := FromContext(r.Context())
			if !isExempt(e, exempt) && limiter.OnLimit(w, r, httprate.CanonicalizeIP(clientText(e))) {
				refused(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func isExempt(e *Exchange, exempt []netip.Prefix) bool {
	if e.Forwarded || !e.Client.IsValid() {
		return false
	}
	for _, p := range exempt {
		if p.Contains(e.Client) {
			return true
		}
	}
	return false
}

package middleware

import (
	"net/http"

	"github.com/go-chi/cors"
)

// corsMaxAge is for how many seconds a browser may remember a preflight's answer.
const corsMaxAge = 600

// CORS lets pages of the origins call the service. Without origins it does
// nothing, and browsers keep other origins out. Credentials are never allowed:
// the token travels in a header, not in a cookie.
func CORS(origins []string) func(http.Handler) http.Handler {
	if len(origins) == 0 {
		return func(next http.Handler) http.Handler { return next }
	}
	return cors.Handler(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		AllowedHeaders: []string{"Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-ID"},
		ExposedHeaders: []string{"ETag", "Idempotency-Replayed", "Location", "Retry-After", "WWW-Authenticate", "X-Request-ID"},
		MaxAge:         corsMaxAge,
	})
}

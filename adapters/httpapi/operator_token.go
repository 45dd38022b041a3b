package httpapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
	"github.com/orgkeeper/orgkeeper/domain"
)

// operator is the principal of requests with an operator's token. It is no session,
// so that it opens no route of a tenant.
type operator struct{}

var theOperator = &operator{}

// operatorsOnly returns the gate that lets through requests with an operator's token, and
// gives them so much time; 0 is no bound. It comes before the body is read, as
// requireToken does.
func (s *Server) operatorsOnly(limit time.Duration) gate {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !s.isOperator(r.Header) {
				s.refuse(w, unauthenticated)
				return
			}
			e := middleware.FromContext(r.Context())
			e.Bound(limit)
			e.Principal = theOperator
			next.ServeHTTP(w, r)
		})
	}
}

// noteOperator lets everybody through, and knows an operator by the token.
func (s *Server) noteOperator(next http.Handler) http.Handler {
	if len(s.operatorTokens) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.isOperator(r.Header) {
			middleware.FromContext(r.Context()).Principal = theOperator
		}
		next.ServeHTTP(w, r)
	})
}

// isOperator compares the bearer token with every operator's. Hashes are compared, so
// that the time tells neither how much of a token is right nor how long one is.
func (s *Server) isOperator(h http.Header) bool {
	token, ok := bearerToken(h)
	if !ok {
		return false
	}
	sum, same := sha256.Sum256([]byte(token)), 0
	for i := range s.operatorTokens {
		same |= subtle.ConstantTimeCompare(sum[:], s.operatorTokens[i][:])
	}
	return same == 1
}

// actor returns on whose behalf a request that needs no token acts.
func actor(e *middleware.Exchange) domain.Actor {
	if e != nil && e.Principal == theOperator {
		return domain.ActorOperator
	}
	return domain.ActorOwner
}

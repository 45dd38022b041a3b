package httpapi

import (
	"net/http"
	"strings"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// authorizationMaxBytes bounds the Authorization header. A token of orgkeeper's
// own has some 500 bytes.
const authorizationMaxBytes = 4096

// requireToken lets through requests whose bearer token stands for somebody. It
// comes before the body is read: who isn't let in learns nothing about the body,
// and a wrong token costs next to nothing.
func (s *Server) requireToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := bearerToken(r.Header)
		if !ok {
			s.refuse(w, unauthenticated)
			return
		}
		e := middleware.FromContext(r.Context())
		e.Bound(s.options.RequestTimeout)
		session, err := s.service.Authenticate(r.Context(), token)
		if err != nil {
			s.refuse(w, s.refusal(r.Context(), err))
			return
		}
		kept := session // so that nothing is kept of a refusal
		e.Principal = &kept
		next.ServeHTTP(w, r)
	})
}

// bearerToken returns the token of the one Authorization header. RFC 6750,
// section 2.1, and RFC 9110, section 11.1: the scheme's case doesn't matter.
func bearerToken(h http.Header) (string, bool) {
	values := h["Authorization"]
	if len(values) != 1 || len(values[0]) > authorizationMaxBytes {
		return "", false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.TrimLeft(token, " ")
	if !strings.EqualFold(scheme, "bearer") || !isToken(token) {
		return "", false
	}
	return token, true
}

// isToken reports whether a text can be sent as a bearer token.
func isToken(s string) bool {
	if s == "" || len(s) > authorizationMaxBytes {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-', c == '.', c == '_', c == '~', c == '+', c == '/', c == '=':
		default:
			return false
		}
	}
	return true
}

// session returns whom requireToken found. Without that gate before the handler
// there is nobody, and nobody may do anything.
func session(e *middleware.Exchange) (app.Session, error) {
	if e != nil {
		if who, ok := e.Principal.(*app.Session); ok {
			return *who, nil
		}
	}
	return app.Session{}, domain.ErrUnauthenticated
}

package middleware

import "net/http"

// requestIDMaxBytes bounds an identifier that a client brings. A UUID has 36, a
// W3C trace ID 32.
const requestIDMaxBytes = 64

// requestID takes the client's X-Request-ID if it is one short word of harmless
// characters, so that it can stand in a log and in a header, or makes a new one.
func requestID(h http.Header, newID func() string) string {
	if given := h["X-Request-Id"]; len(given) == 1 && safeID(given[0]) {
		return given[0]
	}
	return newID()
}

func safeID(s string) bool {
	if s == "" || len(s) > requestIDMaxBytes {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}

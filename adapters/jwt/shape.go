package jwt

import (
	"encoding/base64"
	"strings"
)

// The bounds of a token that is worth a signature check, in bytes. A token of
// ours with the longest email and UUIDs has about 900.
const (
	maxTokenBytes  = 4096
	maxHeaderChars = 96
)

// shape knows what a token of ours looks like. Its methods allocate nothing.
type shape struct {
	algorithm      string
	header         string // as Issue writes it, encoded
	signatureChars int
}

func newShape(algorithm string, signatureBytes int) shape {
	return shape{
		algorithm:      algorithm,
		header:         base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"` + algorithm + `","typ":"JWT"}`)),
		signatureChars: base64.RawURLEncoding.EncodedLen(signatureBytes),
	}
}

// check returns nil for a token that may be ours.
func (s *shape) check(token string) error {
	if len(token) > maxTokenBytes {
		return errShape
	}
	header, rest, _ := strings.Cut(token, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	if len(signature) != s.signatureChars || !isBase64(header) || !isBase64(payload) || !isBase64(signature) {
		return errShape
	}
	if header != s.header && !s.readHeader(header) {
		return errHeader
	}
	return nil
}

// readHeader reports whether an encoded header says our algorithm, perhaps the
// type JWT, and nothing else: no crit, no key of the sender's, nothing twice.
func (s *shape) readHeader(encoded string) bool {
	if len(encoded) > maxHeaderChars {
		return false
	}
	var buffer [maxHeaderChars]byte
	in := scanner{decodeBase64(buffer[:0], encoded)}
	if !in.take('{') {
		return false
	}
	var alg, typ bool
	for {
		name, ok := in.text()
		if !ok || !in.take(':') {
			return false
		}
		value, ok := in.text()
		switch {
		case !ok:
			return false
		case string(name) == "alg" && !alg && string(value) == s.algorithm:
			alg = true
		case string(name) == "typ" && !typ && string(value) == "JWT":
			typ = true
		default:
			return false
		}
		if in.take(',') {
			continue
		}
		return in.take('}') && in.atEnd() && alg
	}
}

// scanner reads the little JSON that a header needs.
type scanner struct{ rest []byte }

// take skips white space and the character, if it is there.
func (s *scanner) take(c byte) bool {
	s.skipSpace()
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// text reads a string of plain ASCII. One that holds an escape is refused: no
// name or value of ours needs one, and another parser might read it otherwise.
func (s *scanner) text() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	for i, c := range s.rest {
		switch {
		case c == '"':
			text := s.rest[:i]
			s.rest = s.rest[i+1:]
			return text, true
		case c == '\\' || c < ' ' || c > '~':
			return nil, false
		}
	}
	return nil, false
}

func (s *scanner) atEnd() bool {
	s.skipSpace()
	return len(s.rest) == 0
}

func (s *scanner) skipSpace() {
	for len(s.rest) > 0 && (s.rest[0] == ' ' || s.rest[0] == '\t' || s.rest[0] == '\n' || s.rest[0] == '\r') {
		s.rest = s.rest[1:]
	}
}

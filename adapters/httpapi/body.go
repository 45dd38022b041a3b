package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"unicode/utf8"
)

// bodyMaxBytes bounds a request's body.
const bodyMaxBytes = 64 << 10

// typeJSON is the media type of what is read and written.
const typeJSON = "application/json"

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readBody lets through requests whose body is one JSON value in UTF-8 of at
// most bodyMaxBytes, which it hands on in memory. Huma sees nothing else, so
// that garbage is refused for the price of reading it.
func (s *Server) readBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !acceptable(r.Header) {
			s.refuse(w, unsupportedMediaType)
			return
		}
		if r.ContentLength > bodyMaxBytes {
			s.refuse(w, bodyTooLarge)
			return
		}
		buffer, _ := bodies.Get().(*bytes.Buffer) // the pool holds nothing else
		defer func() {
			// The next request's reader must not find a password in it.
			clear(buffer.Bytes())
			buffer.Reset()
			bodies.Put(buffer)
		}()
		_, err := buffer.ReadFrom(io.LimitReader(r.Body, bodyMaxBytes+1))
		body := buffer.Bytes()
		switch {
		case len(body) > bodyMaxBytes:
			s.refuse(w, bodyTooLarge)
		case err != nil:
			s.refuse(w, bodyIncomplete)
		case len(body) == 0:
			s.refuse(w, bodyMissing)
		case !utf8.Valid(body) || !json.Valid(body):
			s.refuse(w, bodyMalformed)
		default:
			r.Body = &memory{*bytes.NewReader(body)}
			next.ServeHTTP(w, r)
		}
	})
}

// readOptionalBody is readBody for routes that need no body.
func (s *Server) readOptionalBody(next http.Handler) http.Handler {
	read := s.readBody(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		length := r.ContentLength
		if length < 0 { // chunked: the first byte tells
			var first [1]byte
			n, err := io.ReadFull(r.Body, first[:])
			if err != nil && !errors.Is(err, io.EOF) {
				s.refuse(w, bodyIncomplete)
				return
			}
			length = int64(n)
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(first[:n]), r.Body))
		}
		if length == 0 {
			r.Body = &memory{}
			next.ServeHTTP(w, r)
			return
		}
		read.ServeHTTP(w, r)
	})
}

// memory is a body that is there already.
type memory struct{ bytes.Reader }

// Close implements io.Closer.
func (*memory) Close() error { return nil }

var errNotInMemory = errors.New("httpapi: no gate has read the body")

// readWhole reads a body that a gate has put into memory, however much of it was read
// before, and leaves it at its beginning.
func readWhole(body io.Reader) ([]byte, error) {
	m, ok := body.(*memory)
	if !ok {
		return nil, errNotInMemory
	}
	if _, err := m.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(m)
	if err == nil {
		_, err = m.Seek(0, io.SeekStart)
	}
	return data, err
}

// acceptable reports whether a body is said to be JSON. Clients of older
// services may say nothing, or any type that ends in +json; huma is then told
// the plain one.
func acceptable(h http.Header) bool {
	if encoding := h["Content-Encoding"]; len(encoding) > 1 || len(encoding) == 1 && !strings.EqualFold(encoding[0], "identity") {
		return false
	}
	given := h["Content-Type"]
	switch {
	case len(given) == 0 || len(given) == 1 && given[0] == typeJSON:
		return true
	case len(given) > 1:
		return false
	case given[0] == "":
		return true
	}
	name, _, err := mime.ParseMediaType(given[0])
	if err != nil || name != typeJSON && !(strings.HasPrefix(name, "application/") && strings.HasSuffix(name, "+json")) {
		return false
	}
	h["Content-Type"] = []string{typeJSON}
	return true
}

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

	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
)

// Media types of what is read and written.
const (
	typeJSON = "application/json"
	// typeEJSON is that of MongoDB Extended JSON v2.
	typeEJSON = "application/ejson"
)

// bodyKind is what a route takes for a body: one JSON value in UTF-8 of at most max
// bytes.
type bodyKind struct {
	max int64
	// extended says that the body may be said to be typeEJSON.
	extended              bool
	tooLarge, unsupported refusal
}

// bodyMaxBytes bounds a body of plainBody.
const bodyMaxBytes = 64 << 10

var plainBody = bodyKind{
	max:         bodyMaxBytes,
	tooLarge:    bodyTooLarge("64 KiB"),
	unsupported: unsupportedMediaType(typeJSON),
}

// extendedBody returns the kind of a body that holds documents.
func extendedBody(most int64, size string) bodyKind {
	return bodyKind{most, true, bodyTooLarge(size), unsupportedMediaType(typeJSON + " or " + typeEJSON)}
}

func bodyTooLarge(size string) refusal {
	return prepare(newProblem(codeBodyTooLarge, "The body is larger than "+size+"."))
}

func unsupportedMediaType(types string) refusal {
	return prepare(newProblem(codeUnsupportedMediaType, "The body must be JSON, sent as "+types+" and not compressed."))
}

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// pooledMaxBytes bounds the buffers that are kept for the next request.
const pooledMaxBytes = 4 * bodyMaxBytes

// readBody returns the gate that lets through requests whose body is of the kind. It
// hands the body on in memory. Huma sees nothing else, so that garbage is refused for
// the price of reading it.
func (s *Server) readBody(kind bodyKind) gate {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !kind.accepts(r.Header) {
				s.refuse(w, kind.unsupported)
				return
			}
			if r.ContentLength > kind.max {
				s.refuse(w, kind.tooLarge)
				return
			}
			buffer, _ := bodies.Get().(*bytes.Buffer) // the pool holds nothing else
			defer func() {
				if buffer.Cap() > pooledMaxBytes {
					return
				}
				// The next request's reader must not find a password in it.
				clear(buffer.Bytes())
				buffer.Reset()
				bodies.Put(buffer)
			}()
			_, err := buffer.ReadFrom(io.LimitReader(r.Body, kind.max+1))
			body := buffer.Bytes()
			switch {
			case int64(len(body)) > kind.max:
				s.refuse(w, kind.tooLarge)
			case err != nil:
				s.refuse(w, bodyIncomplete)
			case len(body) == 0:
				s.refuse(w, bodyMissing)
			case !utf8.Valid(body) || !json.Valid(body):
				s.refuse(w, bodyMalformed)
			default:
				r.Body = &memory{*bytes.NewReader(body), body}
				next.ServeHTTP(w, r)
			}
		})
	}
}

// batchesAtOnce bounds the batches that are in memory, each several times as large as its
// body.
const batchesAtOnce = 8

// atOnce returns the gate that lets so many requests of its route through at once.
func (s *Server) atOnce(most int64) gate {
	bound := &middleware.InFlight{Max: most, Refused: func(w http.ResponseWriter, _ *http.Request) { s.refuse(w, overloaded) }}
	return bound.Handler
}

// readOptionalBody is readBody of plainBody for routes that need no body.
func (s *Server) readOptionalBody(next http.Handler) http.Handler {
	read := s.readBody(plainBody)(next)
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
type memory struct {
	bytes.Reader
	whole []byte
}

// Close implements io.Closer.
func (*memory) Close() error { return nil }

var errNotInMemory = errors.New("httpapi: no gate has read the body")

// wholeBody returns a body that a gate has put into memory, however much of it was read
// before. It is good until the request is answered, and not to be changed.
func wholeBody(body io.Reader) ([]byte, error) {
	m, ok := body.(*memory)
	if !ok {
		return nil, errNotInMemory
	}
	return m.whole, nil
}

// accepts reports whether a body is said to be of the kind. Clients of older services
// may say nothing, or any type that ends in +json; what stands behind the gate is then
// told the plain one.
func (k bodyKind) accepts(h http.Header) bool {
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
	switch {
	case err != nil:
		return false
	case k.extended && name == typeEJSON:
		h["Content-Type"] = []string{typeEJSON}
	case name == typeJSON, strings.HasPrefix(name, "application/") && strings.HasSuffix(name, "+json"):
		h["Content-Type"] = []string{typeJSON}
	default:
		return false
	}
	return true
}

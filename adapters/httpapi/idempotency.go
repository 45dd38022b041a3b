package httpapi

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"net/http"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
	"github.com/orgkeeper/orgkeeper/domain"
)

// Requests is what requests with an Idempotency-Key need of package app.
type Requests interface {
	BeginRequest(ctx context.Context, id, fingerprint string) (domain.Request, error)
	ConcludeRequest(ctx context.Context, r domain.Request, answer []byte) error
	ReleaseRequest(ctx context.Context, r domain.Request) error
}

const (
	headerKey      = "Idempotency-Key"
	headerReplayed = "Idempotency-Replayed"
	keyMaxBytes    = 255
	// concludeTimeout bounds the writing of an answer, for which the request's own
	// time may be over.
	concludeTimeout = 3 * time.Second
)

var (
	replayed = []string{"true"}
	badKey   = prepare(invalidExample("header."+headerKey, "must be given once, as 1 to 255 visible ASCII characters"))
)

type requestKey struct{}

// keyedRequest returns the request that the Idempotency-Key stands for, the zero value
// without one.
func keyedRequest(ctx context.Context) domain.Request {
	if r, ok := ctx.Value(requestKey{}).(*domain.Request); ok {
		return *r
	}
	return domain.Request{}
}

// requestOperation returns the operation that the request's Idempotency-Key stands for,
// "" without one.
func requestOperation(ctx context.Context) domain.OperationID { return keyedRequest(ctx).Operation }

// begunBefore reports whether an earlier run of the request, which nobody has an answer
// of, may have done some of its work.
func begunBefore(ctx context.Context) bool { return keyedRequest(ctx).Version > 1 }

// once lets a request with an Idempotency-Key through if it is the first one with the
// key, and gives the others the first one's answer. It stands behind all that a request
// may be refused for before its body means something.
func (s *Server) once(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys := r.Header[headerKey]
		switch {
		case keys == nil:
			next.ServeHTTP(w, r)
		case len(keys) > 1 || !isKey(keys[0]):
			s.refuse(w, badKey)
		default:
			s.serveOnce(w, r, keys[0], next)
		}
	})
}

func (s *Server) serveOnce(w http.ResponseWriter, r *http.Request, key string, next http.Handler) {
	ctx := r.Context()
	id, fingerprint, err := s.identify(r, key)
	if err != nil {
		s.refuse(w, s.refusal(ctx, err))
		return
	}
	request, err := s.service.BeginRequest(ctx, id, fingerprint)
	if err != nil {
		s.refuse(w, s.refusal(ctx, err))
		return
	}
	if request.Answered() {
		first, err := decodeAnswer(request.Answer)
		if err != nil {
			s.refuse(w, s.refusal(ctx, err))
			return
		}
		w.Header()[headerReplayed] = replayed
		first.write(w)
		return
	}
	captured := &capture{under: w, header: http.Header{}}
	// Deferred for a handler that panics. The answer is kept before it is sent: who
	// asks again after having got it gets the same.
	defer func() { s.conclude(ctx, request, captured) }()
	next.ServeHTTP(captured, r.WithContext(context.WithValue(ctx, requestKey{}, &request)))
	captured.whole = true
}

// conclude keeps a whole answer that stands for good, and otherwise lets the request be
// run again. Then it sends what there is. It goes on when the client is gone and when
// the request's time is over.
func (s *Server) conclude(ctx context.Context, request domain.Request, captured *capture) {
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), concludeTimeout)
	defer cancel()
	var err error
	if a := captured.answer(); captured.whole && a.lasting(captured.header) {
		err = s.service.ConcludeRequest(detached, request, a.encode())
	} else {
		err = s.service.ReleaseRequest(detached, request)
	}
	if err != nil {
		s.log(ctx, slog.LevelWarn, "the answer to a request with an idempotency key could not be kept", err)
	}
	if captured.whole {
		captured.send()
	}
}

// identify returns what a request is remembered by, and what tells whether another one
// asks the same. Both are HMACs: nobody who reads the store can try keys, or the
// password in a body, against them.
//
// The body counts as it was sent. A client that tries again sends the same bytes; two
// bodies that some canonical form would make one may be told apart by who reads them,
// and a wrong replay is worse than a 422.
func (s *Server) identify(r *http.Request, key string) (id, fingerprint string, err error) {
	body, err := wholeBody(r.Body)
	if err != nil {
		return "", "", err
	}
	e := middleware.FromContext(r.Context())
	scope := [][]byte{[]byte(r.Method), []byte(e.Route), []byte(actor(e)), []byte(key)}
	if who, err := session(e); err == nil { // each tenant has a room of keys
		scope = append(scope, []byte(who.Organization.ID))
	}
	asked := [][]byte{[]byte(r.Method), []byte(r.URL.EscapedPath()), []byte(r.Header.Get("If-Match")), body}
	if sentNotation(r.Header) == domain.ExtendedJSON { // the same bytes mean something else
		asked = append(asked, []byte(typeEJSON))
	}
	return s.authenticator("id", scope...), s.authenticator("fingerprint", asked...), nil
}

// authenticator returns an HMAC over the parts, each with its length before it, so that
// none can pass for the next one's beginning.
func (s *Server) authenticator(purpose string, parts ...[]byte) string {
	mac := hmac.New(sha256.New, []byte(s.options.RequestKey.Reveal()))
	for _, part := range append([][]byte{[]byte(purpose)}, parts...) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		mac.Write(length[:])
		mac.Write(part)
	}
	return hex.EncodeToString(mac.Sum(nil))
}

func isKey(s string) bool {
	if s == "" || len(s) > keyMaxBytes {
		return false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

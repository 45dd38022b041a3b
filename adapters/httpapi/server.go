package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// Service is what the routes need of package app. UseCases makes one of an *app.Service.
type Service interface {
	CreateOrganization(context.Context, app.CreateOrganization) (app.CreatedOrganization, error)
	GetOrganization(ctx context.Context, name string) (domain.Organization, error)
	UpdateOrganization(context.Context, app.Session, app.UpdateOrganization) (app.UpdatedOrganization, error)
	DeleteOrganization(ctx context.Context, who app.Session, name string) error
	LogIn(context.Context, app.LogIn) (app.LoggedIn, error)
	Authenticate(ctx context.Context, token string) (app.Session, error)
	// DocumentsOf returns the documents of the session's organization.
	DocumentsOf(who app.Session) Documents
	Operators
	Requests
}

// DefaultRequestTimeout is what Options.RequestTimeout is when it isn't set.
const DefaultRequestTimeout = 15 * time.Second

// DefaultMaxInFlight is what Options.MaxInFlight is when it isn't set.
const DefaultMaxInFlight = 512

// Options are what a deployment sets. Log, NewID and RequestKey are required; the
// zero value of every other field is its default.
type Options struct {
	// Version stands in the OpenAPI document.
	Version string
	// PrivateGet makes GET /org/get ask for a token.
	PrivateGet bool
	// PasswordMinRunes is for the OpenAPI document alone; package app has the
	// rule. Default domain.PasswordMinDefault.
	PasswordMinRunes int
	// RateLimitCreate, RateLimitLogin and RateLimitGet are requests a minute for
	// one client address. 0 is no limit.
	RateLimitCreate, RateLimitLogin, RateLimitGet int
	// RateLimitExempt lists client addresses that aren't limited, as long as
	// their requests have no X-Forwarded-For, Forwarded or X-Real-IP.
	RateLimitExempt []netip.Prefix
	// TrustedProxies lists the addresses whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// CORSOrigins lists the origins whose pages may call the service.
	CORSOrigins []string
	// OperatorTokens are those that let operators in under /v1: one, or two while they
	// are changed. Without one there are no such routes.
	OperatorTokens []domain.Secret
	// RequestKey is the key under which idempotency keys and what was asked with them
	// are remembered. All processes on one store share it.
	RequestKey domain.Secret
	// Ready says whether the store answers; nil is always ready.
	Ready func(context.Context) error
	// RequestTimeout is the time that a request's work may take; 503 then.
	// Default DefaultRequestTimeout.
	RequestTimeout time.Duration
	// MaxInFlight is how many requests are served at once, probes left out; others
	// get 503 before their body is read. Default DefaultMaxInFlight.
	MaxInFlight int
	// Finished, if set, is told of every answered request. ctx is the request's. It
	// must return at once.
	Finished func(ctx context.Context, f middleware.Finished)
	// Log gets the access log, causes of 500 and panics.
	Log *slog.Logger
	// NewID makes the request IDs, and those of documents that a batch creates without
	// one. It gives none twice.
	NewID func() string
	// Now is the clock of the access log. Default time.Now.
	Now func() time.Time
}

// Server is the HTTP interface. It is an http.Handler.
type Server struct {
	service  Service
	options  Options
	handler  http.Handler
	document func() ([]byte, error)
	draining atomic.Bool
	inFlight *middleware.InFlight
	// operatorTokens are the hashes of Options.OperatorTokens.
	operatorTokens [][sha256.Size]byte
}

// New returns a Server, or an error that names what is missing or wrong.
func New(service Service, o Options) (*Server, error) {
	var errs []error
	require := func(ok bool, what string) {
		if !ok {
			errs = append(errs, errors.New("httpapi: "+what))
		}
	}
	require(service != nil, "the service is nil")
	require(o.Log != nil, "Options.Log is nil")
	require(o.NewID != nil, "Options.NewID is nil")
	require(o.RateLimitCreate >= 0 && o.RateLimitLogin >= 0 && o.RateLimitGet >= 0, "a rate limit is negative")
	require(o.MaxInFlight >= 0, "Options.MaxInFlight is negative")
	require(o.RequestTimeout >= 0, "Options.RequestTimeout is negative")
	require(!o.RequestKey.IsZero(), "Options.RequestKey is empty")
	for _, token := range o.OperatorTokens {
		require(isToken(token.Reveal()), "one of Options.OperatorTokens can't be sent as a bearer token")
	}
	for _, p := range append(append([]netip.Prefix(nil), o.TrustedProxies...), o.RateLimitExempt...) {
		require(p.IsValid(), "an address range in Options.TrustedProxies or RateLimitExempt is not valid")
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if o.RequestTimeout == 0 {
		o.RequestTimeout = DefaultRequestTimeout
	}
	if o.MaxInFlight == 0 {
		o.MaxInFlight = DefaultMaxInFlight
	}
	if o.PasswordMinRunes == 0 {
		o.PasswordMinRunes = domain.PasswordMinDefault
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{service: service, options: o}
	for _, token := range o.OperatorTokens {
		s.operatorTokens = append(s.operatorTokens, sha256.Sum256([]byte(token.Reveal())))
	}
	if err := s.build(); err != nil {
		return nil, err
	}
	return s, nil
}

// build makes the routes and what stands before them.
//
// The order matters. The client's address comes first: the log and the limits
// use it. The observer is next, so that whatever happens after it, panics and
// refusals included, has a request ID, the protective headers and a line in the
// log. CORS stands before the router, since a preflight has no route and must
// not count against a limit. The bound on requests in flight is the last before the
// router: pages can read its refusal, which costs next to nothing. The gates of a
// route follow in routes.go: the limit before the token, so that guessing tokens is
// bounded where there is a limit; the token before the body, which a stranger can't
// make us read.
func (s *Server) build() error {
	router := chi.NewRouter()
	if err := s.routes(router); err != nil {
		return err
	}
	router.NotFound(func(w http.ResponseWriter, _ *http.Request) { s.refuse(w, notFound) })
	methods, err := newAllowed(router)
	if err != nil {
		return err
	}
	router.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		allow := methods.header(r)
		if allow == nil { // a method that nobody knows, on a route that doesn't exist
			s.refuse(w, notFound)
			return
		}
		w.Header()["Allow"] = allow
		s.refuse(w, methodNotAllowed)
	})
	observer := &middleware.Observer{
		Log:      s.options.Log,
		Now:      s.options.Now,
		NewID:    s.options.NewID,
		Quiet:    func(route string) bool { return route == pathHealth || route == pathReady },
		Finished: s.options.Finished,
		Panicked: func(w http.ResponseWriter, _ *http.Request) { s.refuse(w, internal) },
	}
	s.inFlight = &middleware.InFlight{
		Max:     int64(s.options.MaxInFlight),
		Exempt:  func(r *http.Request) bool { return r.URL.Path == pathHealth || r.URL.Path == pathReady },
		Refused: func(w http.ResponseWriter, _ *http.Request) { s.refuse(w, overloaded) },
	}
	s.handler = middleware.TrustProxies(s.options.TrustedProxies)(
		observer.Handler(
			middleware.CORS(s.options.CORSOrigins)(
				s.inFlight.Handler(router))))
	return nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// InFlight returns how many requests are being served, probes left out.
func (s *Server) InFlight() int { return s.inFlight.Now() }

// SetDraining makes the service say that it isn't ready any more. Requests are
// still served; whoever balances the load should send no more.
func (s *Server) SetDraining() { s.draining.Store(true) }

// OpenAPI returns the OpenAPI document as GET /openapi.json serves it.
func (s *Server) OpenAPI() ([]byte, error) {
	document, err := s.document()
	return bytes.Clone(document), err
}

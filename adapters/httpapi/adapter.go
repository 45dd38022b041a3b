package httpapi

import (
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
)

// gate lets requests of a route through to next, or refuses them.
type gate = func(next http.Handler) http.Handler

// adapter is humachi's with gates: what a route checks before huma looks at the
// request. A GET route answers HEAD as well.
type adapter struct {
	router chi.Router
	gates  map[string][]gate // by operation ID
}

// Handle implements huma.Adapter.
func (a *adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler(humachi.NewContext(op, r, w))
	})
	for _, g := range slices.Backward(a.gates[op.OperationID]) {
		h = g(h)
	}
	serve(a.router, op.Method, op.Path, h)
}

// ServeHTTP implements huma.Adapter.
func (a *adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.router.ServeHTTP(w, r) }

// serve adds a route whose pattern the log shows.
func serve(router chi.Router, method, path string, h http.Handler) {
	routed := func(w http.ResponseWriter, r *http.Request) {
		middleware.FromContext(r.Context()).Route = path
		h.ServeHTTP(w, r)
	}
	router.MethodFunc(method, path, routed)
	if method == http.MethodGet {
		router.MethodFunc(http.MethodHead, path, routed)
	}
}

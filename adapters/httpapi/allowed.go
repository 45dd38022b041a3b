package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
)

// allowed knows the Allow header of each path. chi leaves the header to us once the
// answer is ours.
type allowed struct {
	router chi.Router
	// literal holds the headers of the routes without parameters.
	literal map[string][]string
	// methods are those that some route has, in order.
	methods []string
}

func newAllowed(router chi.Router) (*allowed, error) {
	a := &allowed{router: router, literal: map[string][]string{}}
	err := chi.Walk(router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if !slices.Contains(a.methods, method) {
			a.methods = append(a.methods, method)
		}
		if !strings.Contains(route, "{") {
			a.literal[route] = append(a.literal[route], method)
		}
		return nil
	})
	slices.Sort(a.methods)
	for route, list := range a.literal {
		slices.Sort(list)
		a.literal[route] = []string{strings.Join(list, ", ")}
	}
	return a, err
}

// header returns the Allow header for the request's path, nil when no route has it.
func (a *allowed) header(r *http.Request) []string {
	path := r.URL.RawPath // what the router looks at first
	if path == "" {
		path = r.URL.Path
	}
	if header, ok := a.literal[path]; ok {
		return header
	}
	var list []string
	for _, method := range a.methods {
		if a.router.Match(chi.NewRouteContext(), method, path) {
			list = append(list, method)
		}
	}
	if list == nil {
		return nil
	}
	return []string{strings.Join(list, ", ")}
}

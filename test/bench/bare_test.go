package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
)

// beBare makes a child of this binary a bare server.
const beBare = "ORGKEEPER_BENCH_BARE"

// bare starts a bare server on the engine's store.
func (e *engine) bare(b *testing.B) *process {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	p, err := launch(exec.Command(self), b.TempDir(), append([]string{beBare + "=1"}, e.environment...))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = p.command.Process.Kill()
		_ = p.command.Wait()
	})
	return p
}

// serveBare answers what the benchmarks ask with net/http and the driver alone:
// nothing is checked, limited, bounded in time or logged.
func serveBare() error {
	store, err := openNative(context.Background(), os.Environ())
	if err != nil {
		return err
	}
	for path, get := range map[string]func(context.Context, string) (httpapi.GetResponse, error){
		"GET /org/get": store.get, "GET /lean": store.lean,
	} {
		http.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			o, err := get(r.Context(), strings.ToLower(r.URL.Query().Get("organization_name")))
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			answer(w, http.StatusOK, o)
		})
	}
	http.HandleFunc("PUT /org/update", func(w http.ResponseWriter, r *http.Request) {
		if err := store.session(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, http.StatusBadRequest, refusal)
	})
	http.HandleFunc("POST /org/create", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusBadRequest, refusal) })
	http.HandleFunc("DELETE /org/delete", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusUnauthorized, refusal) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	return http.Serve(listener, nil)
}

var refusal = map[string]any{"title": "Bad Request", "status": 400, "code": "invalid_request", "detail": "The request is not valid."}

func answer(w http.ResponseWriter, status int, content any) {
	text, err := json.Marshal(content)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

package httpapi_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

func making(body ...string) *http.Request {
	if body == nil {
		body = []string{`{"name":"Acme Corp","email":"admin@example.com","password":"correct horse","strategy":"shared"}`}
	}
	return onDesk("POST", "/v1/organizations")(body...)
}

func TestDropLeft(t *testing.T) {
	f := &fake{}
	f.desk.left = &domain.Usage{Documents: 45}
	s := server(t, f, operated)
	r := desks["operations"]()
	w := do(s, r)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"drop":{"documents":0,"left":45}`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	describes(t, s, r, w)
	asked := 0
	f.answer = func(ctx context.Context) error {
		if asked++; asked == 1 {
			return nil
		}
		if at, ok := ctx.Deadline(); !ok || time.Until(at) > 2*time.Second {
			t.Error("counting has no bound of its own")
		}
		return domain.ErrStoreUnavailable
	}
	w = do(s, r)
	if w.Code != 200 || strings.Contains(w.Body.String(), `"drop"`) {
		t.Errorf("what can't be counted: %d %s", w.Code, w.Body)
	}
}

func TestMakeOrganization(t *testing.T) {
	f := &fake{}
	s := server(t, f, operated)
	for sent, want := range map[string]domain.Strategy{`,"strategy":"shared"`: "shared", "": "", `,"strategy":""`: "none"} {
		r := making(`{"name":"Acme Corp","email":"admin@example.com","password":"correct horse"` + sent + `}`)
		w := do(s, r)
		if w.Code != 201 || w.Header().Get("Location") != orgPath || w.Header().Get("Etag") == "" {
			t.Errorf("%s: %d %v %s", sent, w.Code, w.Header(), w.Body)
		}
		got := f.created
		if got.Name != "Acme Corp" || got.Email != "admin@example.com" || got.Password.Reveal() != "correct horse" ||
			got.Strategy != want || got.By != domain.ActorOperator {
			t.Errorf("%s: asked for %+v", sent, got)
		}
		describes(t, s, r, w)
	}
	f.created = app.CreateOrganization{}
	f.answer = func(context.Context) error { return domain.Invalid("strategy", "is not offered here") }
	r := making()
	w := do(s, r)
	if p := wantProblem(t, w, 422, "invalid_request"); len(p.Errors) != 1 || p.Errors[0].Location != "body.strategy" {
		t.Errorf("%v", p.Errors)
	}
	describes(t, s, r, w)
}

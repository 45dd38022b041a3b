package httpapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/badrequests"
)

const orgPath = "/v1/organizations/org-1"

// desks are the routes for operators, by what the use case is called in a fake.
var desks = map[string]func(body ...string) *http.Request{
	"list":       onDesk("GET", "/v1/organizations"),
	"make":       making,
	"inspect":    onDesk("GET", orgPath),
	"operations": onDesk("GET", orgPath+"/operations"),
	"usage":      onDesk("GET", orgPath+"/usage"),
	"quota":      settingQuota,
	"no quota":   onDesk("DELETE", orgPath+"/quota"),
	"moves":      onDesk("GET", orgPath+"/move"),
	"move":       moving,
	"pause":      onDesk("POST", orgPath+"/move/pause"),
	"resume":     onDesk("POST", orgPath+"/move/resume"),
	"change": func(body ...string) *http.Request {
		return onDesk("PATCH", orgPath)(append(body, map[bool]string{true: "{}"}[body == nil])...)
	},
	"remove":   onDesk("DELETE", orgPath),
	"suspend":  onDesk("POST", orgPath+"/suspend"),
	"activate": onDesk("POST", orgPath+"/activate"),
	"restore":  onDesk("POST", orgPath+"/restore"),
	"hold":     onDesk("POST", orgPath+"/hold"),
	"release":  onDesk("POST", orgPath+"/release"),
	"purge":    onDesk("POST", orgPath+"/purge"),
	"retry":    onDesk("POST", orgPath+"/retry"),
	"abort":    onDesk("POST", orgPath+"/abort"),
}

var (
	reads  = []string{"list", "inspect", "operations"}
	writes = []string{"change", "remove", "suspend", "activate", "restore", "hold", "release", "purge", "retry", "abort"}
	moved  = []string{"move", "pause", "resume"}
	posted = slices.Concat([]string{"make"}, writes[2:], moved)
	usages = []string{"usage", "quota", "no quota"}
	all    = slices.Concat([]string{"make", "moves"}, reads, writes, usages, moved)
)

func onDesk(method, path string) func(body ...string) *http.Request {
	return func(body ...string) *http.Request { return byOperator(request(method, path, body...)) }
}

// richJSON is what operators see of rich.
const richJSON = `"placement":{"strategy":"collection","database":"db","collection":"org_acme_corp","namespace":"org_acme_corp","generation":2,"state":"open"},"hold":true,` +
	`"created_at":"2026-11-22T09:30:00.123Z","updated_at":"2026-11-22T09:30:00.123Z","deleted_at":"2026-11-22T10:30:00.123Z","purge_at":"2026-11-22T11:30:00.123Z",` +
	`"receipt":{"by":"retention","at":"2026-11-22T09:30:00.123Z","documents":3,"bytes":40},"version":7,"operation":` + pendingJSON

const pendingJSON = `{"id":"op-2","kind":"update","phase":"forward","by":"owner","started_at":"2026-11-22T09:30:00.123Z","lease_until":"2026-11-22T09:30:01.123Z","attempt":4,"failures":3,"stuck":true,"abortable":true}`

func TestOperatorContract(t *testing.T) {
	s := server(t, &fake{}, operated)
	record := `{"id":"org-1","name":"Acme Corp","status":"active","admin_email":"admin@example.com",` + richJSON + `}`
	for route, want := range map[string]string{
		"inspect":    record,
		"suspend":    strings.Replace(record, `"version":7`, `"version":8`, 1),
		"change":     strings.NewReplacer(`"version":7`, `"version":8`, "admin@", "office@").Replace(record),
		"operations": `{"pending":` + pendingJSON + `,"last":{"id":"op-1","kind":"update","by":"operator","outcome":"email_taken","started_at":"2026-11-22T09:30:00.123Z","ended_at":"2026-11-22T09:30:01.123Z","attempt":2}}`,
		"list": `{"organizations":[{"id":"org-1","name":"Acme Corp","status":"active",` + richJSON + `},` +
			`{"id":"org-1","name":"Globex","status":"active","placement":{"strategy":"collection","database":"db","collection":"org_acme_corp","namespace":"org_acme_corp","generation":0,"state":""},"hold":false,` +
			`"created_at":"2026-11-22T09:30:00.123Z","updated_at":"0001-01-01T00:00:00Z","version":0}]}`,
	} {
		w := do(s, desks[route]())
		if got := strings.TrimSpace(w.Body.String()); w.Code != 200 || got != want {
			t.Errorf("%s: %d\n%s\nwant\n%s", route, w.Code, got, want)
		}
	}
}

func TestOperatorWrites(t *testing.T) {
	f := &fake{}
	s := server(t, f, operated)
	for _, route := range writes {
		t.Run(route, func(t *testing.T) {
			for condition, version := range map[string]int64{"": 0, "*": 0, `"7"`: 7} {
				r := desks[route]()
				if condition != "" {
					r.Header.Set("If-Match", condition)
				}
				w := do(s, r)
				want := app.Command{Organization: "org-1", IfVersion: version, By: domain.ActorOperator}
				if w.Code != 200 || w.Header().Get("Etag") != `"8"` || f.desk.verb != route || f.desk.command != want {
					t.Errorf("If-Match %s: %d %s, ETag %q, %s %+v", condition, w.Code, w.Body, w.Header().Get("Etag"), f.desk.verb, f.desk.command)
				}
				describes(t, s, r, w)
			}
			for _, stale := range []string{`"6"`, `"0"`, `"-7"`, `"07"`, `"+7"`, `W/"7"`, `"v7"`, `""`, `"99999999999999999999"`} {
				r := desks[route]()
				r.Header.Set("If-Match", stale)
				w := do(s, r)
				wantProblem(t, w, 412, "precondition_failed")
				describes(t, s, r, w)
			}
			for _, bad := range [][]string{{""}, {"7"}, {`"7", "8"`}, {`"7"`, `"8"`}, {`"7`}, {"*, *"}, {"\"7\x01\""}} {
				r := desks[route]()
				r.Header["If-Match"] = bad
				w := do(s, r)
				if p := wantProblem(t, w, 422, "invalid_request"); len(p.Errors) != 1 || p.Errors[0].Location != "header.If-Match" {
					t.Errorf("%q: %v", bad, p.Errors)
				}
				describes(t, s, r, w)
			}
		})
	}
}

// TestOperatorWriteWithoutEmail sees that a change that is done is told, though the
// email can't be had.
func TestOperatorWriteWithoutEmail(t *testing.T) {
	calls := 0
	f := &fake{answer: func(context.Context) error {
		if calls++; calls > 1 {
			return domain.ErrStoreUnavailable
		}
		return nil
	}}
	s := server(t, f, operated)
	w := do(s, desks["suspend"]())
	if w.Code != 200 || strings.Contains(w.Body.String(), "admin_email") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	describes(t, s, desks["suspend"](), w)
}

func TestIfNoneMatch(t *testing.T) {
	s := server(t, &fake{}, operated)
	for condition, want := range map[string]int{
		"": 200, `"6"`: 200, "nonsense": 200, `"7"`: 304, `W/"7"`: 304, `"6", "7"`: 304, "*": 304,
	} {
		for _, method := range []string{"GET", "HEAD"} {
			r := onDesk(method, orgPath)()
			r.Header.Set("If-None-Match", condition)
			w := do(s, r)
			if w.Code != want || w.Header().Get("Etag") != `"7"` || want == 304 && w.Body.Len() > 0 {
				t.Errorf("%s, If-None-Match %s: %d %v %s", method, condition, w.Code, w.Header(), w.Body)
			}
			if method == "GET" {
				describes(t, s, r, w)
			}
		}
	}
}

func TestList(t *testing.T) {
	f := &fake{}
	s := server(t, f, operated)
	ask := func(query string) httpapi.ListResponse {
		t.Helper()
		var got httpapi.ListResponse
		w := do(s, byOperator(request("GET", "/v1/organizations"+query)))
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.Organizations == nil {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return got
	}
	if got := ask(""); got.NextCursor != "" || f.desk.query.Limit != 50 || f.desk.query.Statuses != nil {
		t.Errorf("%+v, asked for %+v", got, f.desk.query)
	}
	first := ask("?limit=2")
	if first.NextCursor == "" || strings.Contains(first.NextCursor, "org-1") {
		t.Fatalf("cursor %q", first.NextCursor)
	}
	if got := ask("?limit=2&cursor=" + first.NextCursor); len(got.Organizations) != 0 || got.NextCursor != "" || f.desk.query.After != "org-1" {
		t.Errorf("%+v, asked for %+v", got, f.desk.query)
	}
	ask("?limit=200&&status=active,deleted&status=purged,active&name_prefix=%EF%BC%A1cme%20&created_from=2026-01-01T02:00:00%2B02:00&created_before=2026-02-01T00:00:00.5Z")
	q := f.desk.query
	if q.Limit != 200 || !cmp.Equal(q.Statuses, []domain.Status{"active", "deleted", "purged"}) || q.NameKeyPrefix != "acme " ||
		!q.CreatedFrom.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) || !q.CreatedBefore.Equal(time.Date(2026, 2, 1, 0, 0, 0, 5e8, time.UTC)) || q.CreatedFrom.Location() != time.UTC {
		t.Errorf("asked for %+v", q)
	}
}

func TestPatch(t *testing.T) {
	name, email := "Globex", "office@example.com"
	for body, want := range map[string]app.Change{
		`{}`:                             {},
		`{"name":"Globex"}`:              {Name: &name},
		`{"email":"office@example.com"}`: {Email: &email},
		`{"na\u006de":"Globex","email":"office@example.com"}`: {Name: &name, Email: &email},
	} {
		f := &fake{}
		if w := do(server(t, f, operated), desks["change"](body)); w.Code != 200 || !cmp.Equal(f.desk.change, want) {
			t.Errorf("%s: %d %s, %+v", body, w.Code, w.Body, f.desk.change)
		}
	}
}

func TestOptionalBodies(t *testing.T) {
	for _, route := range writes[2:] {
		for _, body := range []string{"", "{}", " {\n}"} {
			for _, chunked := range []bool{false, true} {
				f := &fake{}
				r := desks[route](body)
				if chunked {
					r.ContentLength = -1
				}
				if w := do(server(t, f, operated), r); w.Code != 200 || f.desk.name != "" {
					t.Errorf("%s %q, chunked %t: %d %s", route, body, chunked, w.Code, w.Body)
				}
			}
		}
	}
	f := &fake{}
	r := desks["restore"](`{"name":"Globex"}`)
	r.ContentLength = -1
	if w := do(server(t, f, operated), r); w.Code != 200 || f.desk.name != "Globex" {
		t.Errorf("%d %s, name %q", w.Code, w.Body, f.desk.name)
	}
	r = desks["suspend"]()
	r.Body, r.ContentLength = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF)), -1
	wantProblem(t, do(server(t, &fake{}, operated), r), 400, "invalid_request")
	// curl -d "" says that it is a form.
	r = desks["suspend"]()
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if w := do(server(t, &fake{}, operated), r); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestOperatorTokens(t *testing.T) {
	f := &fake{}
	s := server(t, f, operated)
	for route, make := range desks {
		r := make()
		r.Header.Set("Authorization", "bearer "+secondToken)
		if w := do(s, r); w.Code/100 != 2 {
			t.Errorf("%s with the second token: %d %s", route, w.Code, w.Body)
		}
		calls := f.calls
		for _, header := range [][]string{
			nil,
			{""},
			{"Bearer " + goodToken},
			{"Bearer " + operatorToken + "x"},
			{"Bearer " + operatorToken[1:]},
			{"Basic " + operatorToken},
			{operatorToken},
			{"Bearer " + operatorToken, "Bearer " + operatorToken},
			{"Bearer " + operatorToken + "," + secondToken},
			{"Bearer " + strings.Repeat("a", 5000)},
		} {
			r := make("garbage")
			r.Header.Del("Authorization")
			if header != nil {
				r.Header["Authorization"] = header
			}
			w := do(s, r)
			wantProblem(t, w, 401, "unauthenticated")
			if w.Header().Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%v", w.Header())
			}
			describes(t, s, r, w)
		}
		if f.calls != calls {
			t.Errorf("%s: somebody got in", route)
		}
	}
	// An operator's token opens nothing of a tenant's.
	tenants := server(t, f, operated, private)
	for _, route := range []string{"get", "update", "delete"} {
		wantProblem(t, do(tenants, byOperator(fresh[route]())), 401, "unauthenticated")
	}
}

func TestOperatorCreates(t *testing.T) {
	for header, want := range map[string]domain.Actor{
		"":                              domain.ActorOwner,
		"Bearer " + operatorToken:       domain.ActorOperator,
		"Bearer " + secondToken:         domain.ActorOperator,
		"Bearer " + goodToken:           domain.ActorOwner,
		"Basic " + operatorToken:        domain.ActorOwner,
		"Bearer " + operatorToken + "x": domain.ActorOwner,
	} {
		f := &fake{}
		r := fresh["create"]()
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		if w := do(server(t, f, operated), r); w.Code != 201 || f.created.By != want {
			t.Errorf("%q: %d, by %q", header, w.Code, f.created.By)
		}
	}
	f := &fake{}
	if w := do(server(t, f), byOperator(fresh["create"]())); w.Code != 201 || f.created.By != domain.ActorOwner {
		t.Errorf("without a token set: %d, by %q", w.Code, f.created.By)
	}
}

func TestWithoutOperators(t *testing.T) {
	f := &fake{}
	s := server(t, f)
	for _, make := range desks {
		wantProblem(t, do(s, make()), 404, "not_found")
	}
	if text, err := s.OpenAPI(); err != nil || strings.Contains(string(text), "/v1/organizations") || strings.Contains(string(text), "operatorToken") || strings.Contains(string(text), "Operators") {
		t.Errorf("the document tells of the routes (%v)", err)
	}
	if f.calls != 0 {
		t.Error("somebody got in")
	}
}

func TestOperatorAllow(t *testing.T) {
	s := server(t, &fake{}, operated)
	for path, want := range map[string]string{
		"/v1/organizations": "GET, HEAD, POST", orgPath: "DELETE, GET, HEAD, PATCH", orgPath + "/suspend": "POST", orgPath + "/usage": "GET, HEAD",
		orgPath + "/operations": "GET, HEAD", "/v1/organizations/a%2Fb": "DELETE, GET, HEAD, PATCH", "/org/create": "POST",
	} {
		for _, method := range []string{"PUT", "FOO", "OPTIONS"} {
			w := do(s, request(method, path))
			wantProblem(t, w, 405, "method_not_allowed")
			if got := w.Header().Get("Allow"); got != want {
				t.Errorf("%s %s: Allow %q, want %q", method, path, got, want)
			}
		}
	}
	for _, path := range []string{"/v1", "/v1/organizations/org-1/nothing", "/v1/organizations/org-1/suspend/", "/v1/organizations/a/b/c"} {
		for _, method := range []string{"GET", "PUT", "FOO"} {
			wantProblem(t, do(s, byOperator(request(method, path))), 404, "not_found")
		}
	}
}

func TestHeadOnDesk(t *testing.T) {
	s := server(t, &fake{}, operated)
	for path, want := range map[string]int{"/v1/organizations": 200, orgPath: 200, orgPath + "/operations": 200, "/v1/organizations/nobody": 404, orgPath + "/suspend": 405} {
		if w := do(s, byOperator(request("HEAD", path))); w.Code != want {
			t.Errorf("HEAD %s: %d, want %d", path, w.Code, want)
		}
	}
}

func TestOperatorBadRequests(t *testing.T) {
	f := &fake{}
	s := httptest.NewServer(server(t, f, operated))
	t.Cleanup(s.Close)
	badrequests.RunOperator(t, s.Client(), s.URL, operatorToken, "org-1")
	if f.desk.verb != "" {
		t.Errorf("a bad request got through: %s", f.desk.verb)
	}
}

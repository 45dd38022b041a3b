package httpapi_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

func settingQuota(body ...string) *http.Request {
	if body == nil {
		body = []string{`{"documents":7,"bytes":0}`}
	}
	return onDesk("PUT", orgPath+"/quota")(body...)
}

func TestUsageAndQuota(t *testing.T) {
	f := &fake{}
	s := server(t, f, operated)
	const held = `{"documents":3,"bytes":40,"measured_at":"2026-11-22T09:30:00.123Z","quota":`
	for _, step := range []struct {
		route, quota string
		set          int
		want         *domain.Quota
	}{
		{"usage", `{"documents":5,"bytes":6,"own":false}}`, 0, nil},
		{"quota", `{"documents":7,"bytes":0,"own":true}}`, 1, &domain.Quota{Documents: 7}},
		{"usage", `{"documents":7,"bytes":0,"own":true}}`, 1, &domain.Quota{Documents: 7}},
		{"no quota", `{"documents":5,"bytes":6,"own":false}}`, 2, nil},
	} {
		r := desks[step.route]()
		w := do(s, r)
		if got := strings.TrimSpace(w.Body.String()); w.Code != 200 || got != held+step.quota {
			t.Errorf("%s: %d %s", step.route, w.Code, got)
		}
		if q := f.desk.quota; f.desk.quotas != step.set || (q == nil) != (step.want == nil) || q != nil && *q != *step.want {
			t.Errorf("%s: set %d times, last %v", step.route, f.desk.quotas, q)
		}
		describes(t, s, r, w)
	}
	if w := do(s, settingQuota(`{"bytes":9223372036854775807,"documents":0}`)); w.Code != 200 || *f.desk.quota != (domain.Quota{Bytes: 1<<63 - 1}) {
		t.Errorf("%d %s, %+v", w.Code, w.Body, f.desk.quota)
	}
}

func TestBatchBeyondTheQuota(t *testing.T) {
	f := &fake{}
	s := server(t, f)
	f.shelf().refuse = func(w ports.DocumentWrite) error {
		if w.Document.ID == "b" {
			return domain.ErrQuotaExceeded
		}
		return nil
	}
	r := onShelf("POST", batchPath, batchOf(`{"action":"put","document":{"_id":"a"}}`, `{"action":"put","document":{"_id":"b"}}`, `{"action":"put","document":{"_id":"c"}}`))
	w := do(s, r)
	describes(t, s, r, w)
	if got := w.Body.String(); w.Code != 200 || strings.Count(got, `"status":"created"`) != 2 ||
		!strings.Contains(got, `{"id":"b","status":"failed","error":{"code":"quota_exceeded","detail":"`+domain.ErrQuotaExceeded.Message+`"}}`) {
		t.Errorf("%d %s", w.Code, got)
	}
}

// An import that meets the quota tells how far it has come.
func TestImportBeyondTheQuota(t *testing.T) {
	f := &fake{transfer: transfer{fail: domain.ErrQuotaExceeded}}
	f.transfer.done.Offset = 5
	s := server(t, f, operated)
	r := importing("{}")
	w := do(s, r)
	if p := wantProblem(t, w, 403, "quota_exceeded"); p.Offset == nil || *p.Offset != 5 {
		t.Errorf("%s", w.Body)
	}
	describes(t, s, r, w)
	f.answer = func(context.Context) error { return domain.ErrStoreUnavailable }
	wantProblem(t, do(s, desks["usage"]()), 503, "store_unavailable")
}

package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUsageAndQuota(t *testing.T) {
	eachWorld(t, func(w world) {
		w.Setenv("QUOTA_DOCUMENTS", "2")
		id := string(w.create("Acme Corp")[0])
		wants := func(o object, documents, most, bytes float64, own bool) {
			w.Helper()
			want := object{"documents": most, "bytes": bytes, "own": own}
			if diff := cmp.Diff(want, o["quota"]); diff != "" || o["documents"] != documents || o["measured_at"] == nil {
				w.Errorf("%v: %s", o, diff)
			}
		}
		wants(w.one("organizations", "usage", "--name", "acme corp"), 0, 2, 0, false)

		wants(w.one("organizations", "quota", id, "--documents", "7", "--bytes", "800"), 0, 7, 800, true)
		wants(w.one("organizations", "usage", id), 0, 7, 800, true)
		wants(w.one("organizations", "quota", id, "--documents", "0", "--bytes", "0"), 0, 0, 0, true)
		if out := w.done("organizations", "usage", id); !strings.HasPrefix(out, "documents    0 of any number\nbytes        0 of any number\nquota        its own\nmeasured at  20") {
			w.Errorf("the usage is\n%s", out)
		}
		wants(w.one("organizations", "quota", "--name", "Acme Corp", "--default"), 0, 2, 0, false)

		for _, wrong := range [][]string{{}, {"--documents", "1"}, {"--bytes", "1"}, {"--default", "--documents", "1", "--bytes", "1"}, {"--default", "--bytes", "0"}} {
			w.fails(2, "say the quota", append([]string{"organizations", "quota", id}, wrong...)...)
		}
		w.fails(2, "documents must be a whole number", "organizations", "quota", id, "--documents", "-1", "--bytes", "0")
		w.fails(2, "say which organization", "organizations", "usage")
		w.fails(3, "No organization with this ID", "organizations", "usage", "nobody")
		w.fails(3, "No organization with this ID", "organizations", "quota", "nobody", "--default")
	})
}

package acceptance

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUsageAndQuotas fills an organization to the deployment's quota and to its own, sees
// that another one isn't touched by it, and that a check makes the usage exact.
func TestUsageAndQuotas(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		p := e.start(t, "OPERATOR_TOKEN="+operatorToken, "QUOTA_DOCUMENTS=3", "DELETE_RETENTION=1h")
		acme, globex := p.tenant(t, "Acme"), p.tenant(t, "Globex")
		operator := tenant{p, operatorToken}
		id := p.do(t, 200, "GET", "/org/get?organization_name=acme", "", nil).text("organization_id")
		usage, quota := "/v1/organizations/"+id+"/usage", "/v1/organizations/"+id+"/quota"
		const measuredBefore = -1.0
		wants := func(a answer, held, most float64, own bool) {
			t.Helper()
			if diff := cmp.Diff(map[string]any{"documents": most, "bytes": 0.0, "own": own}, a.fields["quota"]); diff != "" || held >= 0 && a.fields["documents"] != held {
				t.Errorf("%s: want %v\n%s", a.body, held, diff)
			}
		}
		refused := func(a answer) {
			t.Helper()
			if a.text("code") != "quota_exceeded" {
				t.Errorf("%s", a.body)
			}
		}
		wants(operator.send(t, 200, "GET", usage, ""), 0, 3, false)
		acme.send(t, 401, "GET", usage, "")

		for _, path := range []string{"/one", "/two", "/three"} {
			acme.send(t, 201, "PUT", documents+path, "{}")
			globex.send(t, 201, "PUT", documents+path, "{}")
		}
		refused(acme.send(t, 403, "PUT", documents+"/four", "{}"))
		refused(acme.send(t, 403, "POST", documents, "{}"))
		acme.send(t, 200, "PUT", documents+"/one", `{"of":"more bytes"}`)
		batch := acme.send(t, 200, "POST", documents+":batch", `{"writes":[{"action":"put","document":{"_id":"four"}},{"action":"delete","id":"one"},{"action":"put","document":{"_id":"two","a":1}}]}`)
		if diff := cmp.Diff([]any{"quota_exceeded", "deleted", "replaced"}, statuses(batch)); diff != "" {
			t.Errorf("%s\n%s", batch.body, diff)
		}
		acme.send(t, 201, "PUT", documents+"/four", "{}")
		refused(acme.send(t, 403, "PUT", documents+"/five", "{}"))

		version := operator.send(t, 200, "GET", strings.TrimSuffix(usage, "/usage"), "").fields["version"]
		wants(operator.send(t, 200, "PUT", quota, `{"documents":4,"bytes":0}`), measuredBefore, 4, true)
		acme.send(t, 201, "PUT", documents+"/five", "{}")
		refused(acme.send(t, 403, "PUT", documents+"/six", "{}"))
		wants(operator.send(t, 200, "PUT", quota, `{"documents":0,"bytes":0}`), measuredBefore, 0, true)
		acme.send(t, 201, "PUT", documents+"/six", "{}")
		wants(operator.send(t, 200, "DELETE", quota, ""), measuredBefore, 3, false)
		refused(acme.send(t, 403, "PUT", documents+"/seven", "{}"))
		refused(globex.send(t, 403, "PUT", documents+"/four", "{}"))
		if now := operator.send(t, 200, "GET", strings.TrimSuffix(usage, "/usage"), "").fields["version"]; now != version {
			t.Errorf("the version was %v and is %v", version, now)
		}

		operator.send(t, 200, "DELETE", strings.TrimSuffix(usage, "/usage"), "")
		operator.send(t, 200, "GET", usage, "") // deleted, and kept
		if err := p.terminate(t); err != nil {
			t.Fatal(err)
		}
		if out, err := e.run(t, []string{"check", "--repair", "--yes"}); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		p = e.start(t, "OPERATOR_TOKEN="+operatorToken)
		operator = tenant{p, operatorToken}
		wants(operator.send(t, 200, "GET", usage, ""), 5, 0, false)
		operator.send(t, 200, "POST", strings.TrimSuffix(usage, "/usage")+"/purge", "")
		operator.send(t, 404, "GET", usage, "")
	})
}

package acceptance

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// The operators' commands as processes of their own, beside a server.
func TestOperatorsCommandsBesideAServer(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		p := e.start(t)
		p.create(t, "Acme", "admin@acme.example")
		for arguments, want := range map[string]struct {
			code, codeOnSQLite int
			says               string
		}{
			"organizations show --name acme":           {0, 0, "admin@acme.example"},
			"organizations list --output json":         {0, 0, `"name":"Acme"`},
			"organizations show nobody":                {3, 3, "organization_not_found"},
			"organizations delete --name acme":         {6, 6, "--yes"},
			"organizations sing":                       {2, 2, ""},
			"check":                                    {0, 0, "All is well"},
			"organizations suspend --name acme -ojson": {0, 7, "suspend"},
		} {
			if strings.HasPrefix(e.name, "sqlite") {
				want.code = want.codeOnSQLite
			}
			out, err := e.run(t, strings.Fields(arguments))
			code := 0
			if exit, ok := errors.AsType[*exec.ExitError](err); ok {
				code = exit.ExitCode()
			}
			if code != want.code || !strings.Contains(out, want.says) {
				t.Errorf("%s: exit code %d, want %d\n%s", arguments, code, want.code, out)
			}
			if strings.Contains(out, tokenKey) || strings.Contains(out, "$argon2") {
				t.Errorf("%s prints a secret", arguments)
			}
		}
	})
}

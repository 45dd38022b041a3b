package httpapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"strconv"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

// TestStatusesAreComplete sees that every exported code of the domain, read from
// its source, has a status, and that the table holds nothing else but ours.
func TestStatusesAreComplete(t *testing.T) {
	ours := map[domain.Code]bool{
		codeUnsupportedMediaType: true, codeBodyTooLarge: true, codeNotFound: true,
		codeMethodNotAllowed: true, codeRateLimited: true, codeDraining: true,
	}
	codes := exportedCodes(t)
	for code := range codes {
		if statuses[code] == 0 {
			t.Errorf("the domain's code %q has no status", code)
		}
	}
	for code, status := range statuses {
		if !codes[code] && !ours[code] {
			t.Errorf("%q is no code of the domain and none of ours", code)
		}
		if status < 400 || status > 599 || http.StatusText(status) == "" {
			t.Errorf("%q has the status %d", code, status)
		}
	}
}

func exportedCodes(t *testing.T) map[domain.Code]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../domain/errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[domain.Code]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Code" || !spec.Names[0].IsExported() {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		codes[domain.Code(text)] = true
		return true
	})
	if len(codes) < 10 {
		t.Fatalf("only %d codes found in the domain: %v", len(codes), codes)
	}
	return codes
}

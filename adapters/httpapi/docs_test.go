package httpapi_test

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
)

func TestDocsPage(t *testing.T) {
	s := server(t, &fake{})
	w := do(s, request("GET", "/docs"))
	policy := w.Header().Get("Content-Security-Policy")
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	if strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none'; ") {
		t.Errorf("policy %s", policy)
	}
	page := w.Body.String()
	inline := regexp.MustCompile(`(?s)<(script|style)[^>]*>(.*?)</`).FindAllStringSubmatch(page, -1)
	count := 0
	for _, m := range inline {
		if m[2] == "" {
			continue
		}
		count++
		sum := sha256.Sum256([]byte(m[2]))
		if !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			t.Errorf("the policy forbids an inline %s", m[1])
		}
	}
	if count != 3 {
		t.Errorf("%d inline scripts and styles, want 3", count)
	}
	if strings.Contains(page, " onload=") || strings.Contains(page, "style=\"") {
		t.Error("the page has inline handlers or styles, which no hash covers")
	}
	sources := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(sources) < 3 {
		t.Errorf("sources %v", sources)
	}
	for _, m := range sources {
		w := do(s, request("GET", m[1]))
		if w.Code != 200 || w.Body.Len() < 100 || !strings.HasPrefix(m[1], "/docs/") {
			t.Errorf("%s: %d, %d bytes", m[1], w.Code, w.Body.Len())
		}
		if !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'; base") {
			t.Errorf("%s: policy %s", m[1], w.Header().Get("Content-Security-Policy"))
		}
	}
}

func TestDocsAssetsAreCompressed(t *testing.T) {
	s := server(t, &fake{})
	r := request("GET", "/docs/swagger-ui-bundle.js")
	r.Header.Set("Accept-Encoding", "gzip")
	w := do(s, r)
	if w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() > 1<<20 || w.Header().Get("Etag") == "" {
		t.Errorf("%v, %d bytes", w.Header(), w.Body.Len())
	}
	r.Header.Set("If-None-Match", w.Header().Get("Etag"))
	if w := do(s, r); w.Code != 304 {
		t.Errorf("%d", w.Code)
	}
}

func TestRootLeadsToDocs(t *testing.T) {
	w := do(server(t, &fake{}), request("GET", "/"))
	if w.Code != 303 || w.Header().Get("Location") != "/docs" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

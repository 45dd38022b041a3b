package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/swaggest/swgui/v5emb"
)

// docsAssets are the files that the page loads, all from the binary.
var docsAssets = []string{
	"swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js",
	"favicon-16x16.png", "favicon-32x32.png",
}

var (
	inlineScript = regexp.MustCompile(`(?s)<script>(.*?)</script>`)
	inlineStyle  = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
)

func (s *Server) openAPI(w http.ResponseWriter, r *http.Request) {
	document, err := s.document()
	if err != nil {
		s.refuse(w, s.refusal(r.Context(), err))
		return
	}
	w.Header().Set("Content-Type", typeJSON)
	_, _ = w.Write(document)
}

// serveDocs adds the page that shows the document and lets one try it. The page
// never changes, so it is made once, and its policy allows its inline scripts
// and its style by their hashes. / leads to it.
func (s *Server) serveDocs(router chi.Router) error {
	ui := v5emb.New("orgkeeper", pathOpenAPI, pathDocs)
	ask, err := http.NewRequestWithContext(context.Background(), http.MethodGet, pathDocs, nil)
	if err != nil {
		return err
	}
	var page written
	ui.ServeHTTP(&page, ask)
	html := bytes.TrimSpace(page.Bytes())
	scripts, styles := hashes(inlineScript, html), hashes(inlineStyle, html)
	if scripts == "" || styles == "" {
		return errors.New("httpapi: the documentation's page can't be made")
	}
	policy := "default-src 'none'; script-src 'self'" + scripts + "; style-src 'self'" + styles +
		"; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

	serve(router, http.MethodGet, pathDocs, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(html)
	}))
	for _, name := range docsAssets {
		serve(router, http.MethodGet, pathDocs+"/"+name, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// They change with the binary alone: ask whether they did, by ETag.
			w.Header().Set("Cache-Control", "no-cache")
			ui.ServeHTTP(w, r)
		}))
	}
	serve(router, http.MethodGet, "/", http.RedirectHandler(pathDocs, http.StatusSeeOther))
	return nil
}

// written keeps what a handler writes.
type written struct{ bytes.Buffer }

// Header implements http.ResponseWriter.
func (*written) Header() http.Header { return http.Header{} }

// WriteHeader implements http.ResponseWriter.
func (*written) WriteHeader(int) {}

// hashes returns the sources of a content security policy for what pattern
// finds, each with a space before it.
func hashes(pattern *regexp.Regexp, html []byte) string {
	var b strings.Builder
	for _, m := range pattern.FindAllSubmatch(html, -1) {
		sum := sha256.Sum256(m[1])
		b.WriteString(" 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
	}
	return b.String()
}

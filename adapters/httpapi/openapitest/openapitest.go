// Package openapitest checks answers of an HTTP service against the service's
// own OpenAPI document, for tests of the adapter and of a running server.
package openapitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Document is an OpenAPI 3.1 document, and what of it was seen in answers. It is
// safe for use by many goroutines.
type Document struct {
	root  document
	raw   any
	mu    sync.Mutex
	known map[string]*jsonschema.Schema
	seen  map[string]bool
}

type document struct {
	OpenAPI string                          `json:"openapi"`
	Paths   map[string]map[string]operation `json:"paths"`
}

type operation struct {
	OperationID string              `json:"operationId"`
	Responses   map[string]response `json:"responses"`
}

type response struct {
	Headers map[string]any       `json:"headers"`
	Content map[string]mediaType `json:"content"`
}

type mediaType struct {
	Schema   any                        `json:"schema"`
	Examples map[string]json.RawMessage `json:"examples"`
}

// Load reads a document. It refuses one of another version than 3.1.
func Load(text []byte) (*Document, error) {
	d := &Document{known: map[string]*jsonschema.Schema{}, seen: map[string]bool{}}
	if err := json.Unmarshal(text, &d.root); err != nil {
		return nil, fmt.Errorf("openapitest: %w", err)
	}
	if !strings.HasPrefix(d.root.OpenAPI, "3.1.") {
		return nil, fmt.Errorf("openapitest: version %q is not 3.1", d.root.OpenAPI)
	}
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("openapitest: %w", err)
	}
	d.raw = raw
	return d, nil
}

// Check returns an error unless the document describes the answer to a request:
// its status, media type and body, without members that it doesn't name or have a schema
// for, for a problem its code, for a success the headers. path may have a query; the document may
// know it with parameters.
func (d *Document) Check(method, path string, status int, header http.Header, body []byte) error {
	u, err := url.Parse(path)
	if err != nil {
		return fmt.Errorf("openapitest: %w", err)
	}
	template := d.template(u.EscapedPath())
	where := fmt.Sprintf("%s %s %d", method, template, status)
	op, ok := d.root.Paths[template][strings.ToLower(method)]
	if !ok {
		return fmt.Errorf("%s: the document has no such operation", where)
	}
	r, ok := op.Responses[fmt.Sprint(status)]
	if !ok {
		return fmt.Errorf("%s: the status is not documented", where)
	}
	if len(r.Content) == 0 {
		if len(body) > 0 {
			return fmt.Errorf("%s: a body is not documented", where)
		}
		return d.saw(where, r, header)
	}
	name, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("%s: content type: %w", where, err)
	}
	m, ok := r.Content[name]
	if !ok {
		return fmt.Errorf("%s: the media type %s is not documented", where, name)
	}
	if m.Schema == nil { // no JSON, or several values of it
		return d.saw(where, r, header)
	}
	pointer := "/paths/" + escape(template) + "/" + strings.ToLower(method) + "/responses/" + fmt.Sprint(status) +
		"/content/" + escape(name) + "/schema"
	if err := d.validate(pointer, body); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	if status < http.StatusBadRequest {
		return d.saw(where, r, header)
	}
	var problem struct{ Code string }
	_ = json.Unmarshal(body, &problem)
	if _, ok := m.Examples[problem.Code]; !ok {
		return fmt.Errorf("%s: the code %q is not documented", where, problem.Code)
	}
	return d.saw(where+" "+problem.Code, response{}, header)
}

// saw remembers an answer that has the headers.
func (d *Document) saw(key string, r response, header http.Header) error {
	for name := range r.Headers {
		if header.Get(name) == "" {
			return fmt.Errorf("%s: the documented header %s is missing", key, name)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen[key] = true
	return nil
}

// template returns the documented path that a request's path is an instance of, and
// the path itself if there is none.
func (d *Document) template(path string) string {
	if _, ok := d.root.Paths[path]; ok {
		return path
	}
	parts := strings.Split(path, "/")
	for template := range d.root.Paths {
		if slices.EqualFunc(strings.Split(template, "/"), parts, func(name, part string) bool {
			return name == part || strings.HasPrefix(name, "{")
		}) {
			return template
		}
	}
	return path
}

// Unseen lists what the document says and no answer checked so far was: method,
// path, status and, of a problem, code.
func (d *Document) Unseen() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []string
	for path, methods := range d.root.Paths {
		for method, op := range methods {
			for status, r := range op.Responses {
				key := strings.ToUpper(method) + " " + path + " " + status
				keys := []string{key}
				if m, ok := r.Content["application/problem+json"]; ok {
					keys = nil
					for code := range m.Examples {
						keys = append(keys, key+" "+code)
					}
				}
				for _, k := range keys {
					if !d.seen[k] {
						list = append(list, k)
					}
				}
			}
		}
	}
	slices.Sort(list)
	return list
}

func escape(token string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(token)
}

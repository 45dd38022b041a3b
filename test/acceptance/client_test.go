package acceptance

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi/openapitest"
)

// client talks to one running program, and holds every answer against the OpenAPI
// document that the program serves.
type client struct {
	url      string
	http     *http.Client
	document func() (*openapitest.Document, error)
}

func newClient(url string) *client {
	c := &client{url: url, http: &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	c.document = sync.OnceValues(func() (*openapitest.Document, error) {
		response, err := c.http.Get(c.url + "/openapi.json")
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			return nil, err
		}
		return openapitest.Load(text)
	})
	return c
}

// answer is a response that was read whole. Fields is its JSON object, if it is one.
type answer struct {
	status int
	header http.Header
	body   []byte
	fields map[string]any
}

func (a answer) text(field string) string {
	s, _ := a.fields[field].(string)
	return s
}

// try sends a request. body is sent as JSON unless it is nil.
func (c *client) try(method, path, token string, body any) (answer, error) {
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		content = bytes.NewReader(b)
	}
	request, err := http.NewRequest(method, c.url+path, content)
	if err != nil {
		return answer{}, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return c.ask(request, token)
}

// ask sends a request with the token, if any.
func (c *client) ask(request *http.Request, token string) (answer, error) {
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	a := answer{status: response.StatusCode, header: response.Header}
	if a.body, err = io.ReadAll(response.Body); err != nil {
		return answer{}, err
	}
	if strings.Contains(response.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(a.body, &a.fields); err != nil {
			return answer{}, err
		}
	}
	document, err := c.document()
	if err != nil {
		return answer{}, err
	}
	return a, document.Check(request.Method, request.URL.RequestURI(), a.status, a.header, a.body)
}

// do sends a request that must be answered, with the status.
func (c *client) do(t *testing.T, status int, method, path, token string, body any) answer {
	t.Helper()
	a, err := c.try(method, path, token, body)
	if err != nil {
		t.Fatal(err)
	}
	if a.status != status {
		t.Fatalf("%s %s: %d, should be %d: %s", method, path, a.status, status, a.body)
	}
	return a
}

type object map[string]any

func (c *client) create(t *testing.T, name, email string) answer {
	t.Helper()
	return c.do(t, http.StatusCreated, http.MethodPost, "/org/create", "",
		object{"organization_name": name, "email": email, "password": password})
}

func (c *client) get(t *testing.T, name string) answer {
	t.Helper()
	return c.do(t, http.StatusOK, http.MethodGet, getPath(name), "", nil)
}

func (c *client) logIn(t *testing.T, email string) string {
	t.Helper()
	return c.do(t, http.StatusOK, http.MethodPost, "/admin/login", "",
		object{"email": email, "password": password}).text("access_token")
}

func getPath(name string) string    { return "/org/get?organization_name=" + url.QueryEscape(name) }
func deletePath(name string) string { return "/org/delete?organization_name=" + url.QueryEscape(name) }

package crash

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// slowest is how long an answer may take: the program's own deadline and what it takes
// to say so.
const slowest = 17 * time.Second

// client talks to one process.
type client struct {
	url  string
	http *http.Client
}

func newClient(address string) *client {
	return &client{address, &http.Client{
		Timeout:   slowest,
		Transport: &http.Transport{MaxIdleConnsPerHost: 256},
	}}
}

// request is what is sent.
type request struct {
	method, path, token, key string
	// body is sent as JSON unless it is nil.
	body object
}

type object map[string]any

// answer is a response that was read whole.
type answer struct {
	status int
	fields object
	took   time.Duration
}

func (a answer) text(field string) string {
	s, _ := a.fields[field].(string)
	return s
}

func (a answer) code() string { return a.text("code") }

// String tells the answer without what may be long.
func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.code()) }

// send sends the request once. An error says that there was no whole answer.
func (c *client) send(r request) (answer, error) {
	var content io.Reader
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return answer{}, err
		}
		// A body of no known type is sent once: the transport would repeat others
		// that carry an idempotency key.
		content = io.MultiReader(bytes.NewReader(b))
	}
	sent, err := http.NewRequest(r.method, c.url+r.path, content)
	if err != nil {
		return answer{}, err
	}
	if r.body != nil {
		sent.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		sent.Header.Set("Authorization", "Bearer "+r.token)
	}
	if r.key != "" {
		sent.Header.Set("Idempotency-Key", r.key)
	}
	begun := time.Now()
	response, err := c.http.Do(sent)
	if err != nil {
		return answer{took: time.Since(begun)}, err
	}
	defer response.Body.Close()
	a := answer{status: response.StatusCode}
	err = json.NewDecoder(response.Body).Decode(&a.fields)
	a.took = time.Since(begun)
	return a, err
}

// get asks for an organization by its name.
func (c *client) get(name string) (answer, error) {
	return c.send(request{method: http.MethodGet, path: "/org/get?organization_name=" + url.QueryEscape(name)})
}

// logIn asks for a token.
func (c *client) logIn(email string) (answer, error) {
	return c.send(request{
		method: http.MethodPost, path: "/admin/login", body: object{"email": email, "password": password},
	})
}

// record is what operators see of an organization.
type record struct {
	ID        string
	Name      string
	Status    status
	Placement struct {
		Namespace  string
		Generation int64
	}
	// Operation is the pending one.
	Operation *struct{ Kind, Phase string }
}

// list returns the records of all organizations that aren't purged.
func (c *client) list() (all []record, err error) {
	for cursor := ""; ; {
		sent, err := http.NewRequest(http.MethodGet, c.url+"/v1/organizations?limit=200&cursor="+url.QueryEscape(cursor), nil)
		if err != nil {
			return nil, err
		}
		if cursor == "" {
			sent.URL.RawQuery = "limit=200"
		}
		sent.Header.Set("Authorization", "Bearer "+operatorToken)
		response, err := c.http.Do(sent)
		if err != nil {
			return nil, err
		}
		var page struct {
			Organizations []record
			NextCursor    string `json:"next_cursor"`
		}
		err = json.NewDecoder(response.Body).Decode(&page)
		_ = response.Body.Close()
		if err == nil && response.StatusCode != http.StatusOK {
			err = fmt.Errorf("listing: %s", response.Status)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, page.Organizations...)
		if cursor = page.NextCursor; cursor == "" {
			return all, nil
		}
	}
}

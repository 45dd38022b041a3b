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
	// exports holds those that run: the program serves two at once.
	exports chan struct{}
}

func newClient(address string) *client {
	return &client{address, &http.Client{
		Timeout:   slowest,
		Transport: &http.Transport{MaxIdleConnsPerHost: 256},
	}, make(chan struct{}, 2)}
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
	if a.status != http.StatusNoContent {
		err = json.NewDecoder(response.Body).Decode(&a.fields)
	}
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
	ID     string
	Name   string
	Status status
	// Email is absent in lists.
	Email     string `json:"admin_email"`
	Placement struct {
		space
		Collection string
		Generation int64
	}
	// Operation is the pending one.
	Operation *struct{ Kind, Phase string }
}

// show returns the record of an organization.
func (c *client) show(id string) (r record, err error) {
	response, err := c.asOperator("/v1/organizations/" + id)
	if err != nil {
		return r, err
	}
	defer response.Body.Close()
	err = json.NewDecoder(response.Body).Decode(&r)
	return r, err
}

// asOperator gets what only operators see. The caller closes the body.
func (c *client) asOperator(path string) (*http.Response, error) {
	sent, err := http.NewRequest(http.MethodGet, c.url+path, nil)
	if err != nil {
		return nil, err
	}
	sent.Header.Set("Authorization", "Bearer "+operatorToken)
	response, err := c.http.Do(sent)
	if err == nil && response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		err = fmt.Errorf("GET %s: %s", path, response.Status)
	}
	return response, err
}

// list returns the records of all organizations that aren't purged.
func (c *client) list() (all []record, err error) {
	for cursor := ""; ; {
		path := "/v1/organizations?limit=200"
		if cursor != "" {
			path += "&cursor=" + url.QueryEscape(cursor)
		}
		response, err := c.asOperator(path)
		if err != nil {
			return nil, err
		}
		var page struct {
			Organizations []record
			NextCursor    string `json:"next_cursor"`
		}
		err = json.NewDecoder(response.Body).Decode(&page)
		_ = response.Body.Close()
		if err != nil {
			return nil, err
		}
		all = append(all, page.Organizations...)
		if cursor = page.NextCursor; cursor == "" {
			return all, nil
		}
	}
}

// content is what a document says: whose it is, and in moves which write made it.
type content struct {
	Owner string
	N     int
}

// export returns the organization's documents.
func (c *client) export(id string) (map[string]content, error) {
	c.exports <- struct{}{}
	defer func() { <-c.exports }()
	response, err := c.asOperator("/v1/organizations/" + id + "/export")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	found, lines := map[string]content{}, json.NewDecoder(response.Body)
	for {
		var line struct {
			ID string `json:"_id"`
			content
			End *struct{} `json:"$end"`
		}
		if err := lines.Decode(&line); err != nil {
			return nil, fmt.Errorf("an export that is cut: %w", err)
		}
		if line.End != nil {
			return found, nil
		}
		if _, twice := found[line.ID]; twice {
			return nil, fmt.Errorf("the document %s is exported twice", line.ID)
		}
		found[line.ID] = line.content
	}
}

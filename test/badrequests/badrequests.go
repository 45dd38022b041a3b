// Package badrequests holds requests that a client should not send, and checks
// that a service answers each of them as it should: a 4xx problem that tells a
// code and never repeats what was sent. It works on anything that speaks HTTP.
package badrequests

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Marker stands in values of the bad requests. No answer holds it.
const Marker = "Zq7MarkerZq7"

// Case is one bad request.
type Case struct {
	Name   string
	Method string
	// Path may have a query.
	Path string
	// Token says that the request brings the valid token.
	Token  bool
	Header http.Header
	Body   string
	// Chunked says that the body's length isn't told.
	Chunked bool
	Status  int
	Code    string
	// Locations are the places at fault, in order.
	Locations []string
}

// Run sends every case to the service at base. token is a valid one; it is valid
// afterwards, and nothing was changed.
func Run(t *testing.T, client *http.Client, base, token string) {
	t.Helper()
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			check(t, client, base, token, c)
		})
	}
}

func check(t *testing.T, client *http.Client, base, token string, c Case) {
	t.Helper()
	var body io.Reader
	if c.Body != "" {
		body = strings.NewReader(c.Body)
	}
	if c.Chunked {
		body = struct{ io.Reader }{body}
	}
	request, err := http.NewRequestWithContext(t.Context(), c.Method, base+c.Path, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range c.Header {
		request.Header[name] = values
	}
	if c.Token {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != c.Status {
		t.Errorf("status %d, want %d: %s", answer.StatusCode, c.Status, text)
	}
	if got := answer.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("content type %q", got)
	}
	for name, values := range answer.Header {
		if strings.Contains(strings.ToLower(strings.Join(values, " ")), strings.ToLower(Marker)) {
			t.Errorf("the header %s repeats the submitted value", name)
		}
	}
	if strings.Contains(strings.ToLower(string(text)), strings.ToLower(Marker)) {
		t.Errorf("the body repeats the submitted value: %s", text)
	}
	checkProblem(t, c, text)
}

func checkProblem(t *testing.T, c Case, text []byte) {
	t.Helper()
	var problem struct {
		Type, Title, Detail, Code string
		Status                    int
		Errors                    []struct{ Location, Message string }
	}
	if err := json.Unmarshal(text, &problem); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if problem.Type == "" || problem.Title == "" || problem.Detail == "" {
		t.Errorf("an empty member: %s", text)
	}
	if problem.Status != c.Status || problem.Code != c.Code {
		t.Errorf("status %d code %q, want %d %q", problem.Status, problem.Code, c.Status, c.Code)
	}
	var locations []string
	for _, e := range problem.Errors {
		locations = append(locations, e.Location)
		if e.Message == "" {
			t.Errorf("no message for %s", e.Location)
		}
	}
	if !slices.Equal(locations, c.Locations) {
		t.Errorf("locations %q, want %q", locations, c.Locations)
	}
}

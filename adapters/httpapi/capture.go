package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
)

// capture takes what a handler answers, to be kept before it is sent.
type capture struct {
	under  http.ResponseWriter
	header http.Header
	status int
	body   bytes.Buffer
	// whole says that the handler has come to its end.
	whole bool
}

// Header implements http.ResponseWriter.
func (c *capture) Header() http.Header { return c.header }

// WriteHeader implements http.ResponseWriter.
func (c *capture) WriteHeader(status int) {
	if c.status == 0 && status >= http.StatusOK {
		c.status = status
	}
}

// Write implements io.Writer.
func (c *capture) Write(b []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	return c.body.Write(b)
}

// Unwrap serves http.ResponseController.
func (c *capture) Unwrap() http.ResponseWriter { return c.under }

// send answers with what was captured.
func (c *capture) send() {
	header := c.under.Header()
	for name, values := range c.header {
		header[name] = values
	}
	c.under.WriteHeader(c.answer().Status)
	_, _ = c.under.Write(c.body.Bytes())
}

func (c *capture) answer() answer {
	a := answer{Status: c.status, Header: map[string]string{}, Body: c.body.Bytes()}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	for _, name := range keptHeaders {
		if value := c.header.Get(name); value != "" {
			a.Header[name] = value
		}
	}
	return a
}

// keptHeaders are those of an answer that belong to what was done. The others belong to
// the request that was answered.
var keptHeaders = []string{"Content-Type", "Etag", "Location"}

// answer is what is kept of an answer. No route whose answers hold a secret is asked
// with an Idempotency-Key.
type answer struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header"`
	Body   []byte            `json:"body"`
}

// lasting reports whether asking again would be of no use. What passes is not kept: a
// store that was away, a limit, another operation.
func (a answer) lasting(header http.Header) bool {
	return a.Status < http.StatusInternalServerError && a.Status != http.StatusTooManyRequests && header["Retry-After"] == nil
}

func (a answer) encode() []byte {
	text, err := json.Marshal(a)
	if err != nil {
		panic(err) // text, bytes and a number can always be encoded
	}
	return text
}

func decodeAnswer(text []byte) (answer, error) {
	var a answer
	err := json.Unmarshal(text, &a)
	if err == nil && (a.Status < http.StatusOK || a.Status >= http.StatusInternalServerError) {
		err = errors.New("httpapi: an answer that was kept is damaged")
	}
	return a, err
}

func (a answer) write(w http.ResponseWriter) {
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

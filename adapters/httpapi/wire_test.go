package httpapi_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestSlowWork sees that the server's time for reading doesn't bound the work on
// a request that was read.
func TestSlowWork(t *testing.T) {
	s := httptest.NewUnstartedServer(server(t, &fake{answer: func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(300 * time.Millisecond):
			return nil
		}
	}}))
	s.Config.ReadTimeout = 100 * time.Millisecond
	s.Start()
	t.Cleanup(s.Close)
	for _, route := range everyRoute {
		r := fresh[route]()
		r.RequestURI, r.URL.Scheme, r.URL.Host = "", "http", s.Listener.Addr().String()
		answer, err := s.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode > http.StatusCreated {
			t.Errorf("%s: %d", route, answer.StatusCode)
		}
		_ = answer.Body.Close()
	}
}

// TestIncompleteBody sends less than was announced, and less in time.
func TestIncompleteBody(t *testing.T) {
	s := httptest.NewUnstartedServer(server(t, &fake{}))
	s.Config.ReadTimeout = 200 * time.Millisecond
	s.Start()
	t.Cleanup(s.Close)
	for name, hangUp := range map[string]bool{"hangs up": true, "waits": false} {
		t.Run(name, func(t *testing.T) {
			c, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := io.WriteString(c, "POST /org/create HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{\"email\":"); err != nil {
				t.Fatal(err)
			}
			if hangUp {
				_ = c.(*net.TCPConn).CloseWrite()
			}
			answer, err := io.ReadAll(c)
			if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 400 ") || !strings.Contains(string(answer), `"code":"invalid_request"`) {
				t.Errorf("%v: %s", err, answer)
			}
		})
	}
}

// TestClientGone sees that a request whose client has gone stops working and is
// told apart in the log.
func TestClientGone(t *testing.T) {
	working, stopped := make(chan struct{}), make(chan error, 1)
	s := httptest.NewServer(server(t, &fake{answer: func(ctx context.Context) error {
		close(working)
		<-ctx.Done()
		stopped <- ctx.Err()
		return ctx.Err()
	}}))
	t.Cleanup(s.Close)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+getPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-working; cancel() }()
	if answer, err := s.Client().Do(r); err == nil {
		_ = answer.Body.Close()
		t.Error("an answer")
	}
	if err := <-stopped; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

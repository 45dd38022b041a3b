package acceptance

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestOverload holds the only place with a request whose body doesn't come.
func TestOverload(t *testing.T) {
	p := onSQLite(t).start(t, "MAX_REQUESTS_IN_FLIGHT=1")
	p.create(t, "Acme", "admin@acme.example")
	holder, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	fmt.Fprint(holder, "POST /admin/login HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
	await(t, func() bool { return p.acme(t).status == http.StatusServiceUnavailable })

	a := p.acme(t)
	if a.text("code") != "overloaded" || a.header.Get("Retry-After") == "" {
		t.Errorf("%v %s", a.header, a.body)
	}
	p.do(t, http.StatusOK, http.MethodGet, "/healthz", "", nil)
	p.do(t, http.StatusOK, http.MethodGet, "/readyz", "", nil)

	// It is refused at once, although its body doesn't come either.
	second, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	began := time.Now()
	fmt.Fprint(second, "POST /admin/login HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
	_ = second.SetReadDeadline(began.Add(patience))
	line := make([]byte, len("HTTP/1.1 503"))
	if _, err := second.Read(line); err != nil || string(line) != "HTTP/1.1 503" {
		t.Errorf("%q, %v", line, err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the refusal took %v", took)
	}

	_ = holder.Close()
	await(t, func() bool { return p.acme(t).status == http.StatusOK })
}

// acme looks the organization up.
func (p *process) acme(t *testing.T) answer {
	t.Helper()
	a, err := p.try(http.MethodGet, getPath("Acme"), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// await waits until what should hold soon holds.
func await(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it doesn't come to hold")
		}
	}
}

package acceptance

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// admin returns where the program serves its metrics.
func (p *process) admin(t *testing.T) string {
	t.Helper()
	line := regexp.MustCompile(`metrics +(http://\S+)/metrics\n`)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if found := line.FindStringSubmatch(p.output.String()); found != nil {
			return found[1]
		}
	}
	t.Fatalf("the program doesn't say where its metrics are\n%s", p.output)
	return ""
}

// read returns what a URL answers.
func read(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, response.Status, err)
	}
	return string(body)
}

// statusOf is for what the OpenAPI document doesn't have.
func statusOf(t *testing.T, url string) int {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

// private are the clients' own words, which no metric and no span may hold.
var private = []string{"Acme", "acme", "admin@", password, "$argon2", "eyJ", tokenKey}

func TestMetrics(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		p := e.start(t, "ADMIN_ADDR=127.0.0.1:0")
		p.create(t, "Acme", "admin@acme.example")
		p.logIn(t, "admin@acme.example")
		if status := statusOf(t, p.url+"/acme"); status != http.StatusNotFound {
			t.Errorf("a route that isn't there: %d", status)
		}
		text := read(t, p.admin(t)+"/metrics")
		for _, want := range []string{
			`orgkeeper_http_requests_total{method="POST",route="/org/create",status="201"} 1`,
			`orgkeeper_http_requests_total{method="GET",route="-",status="404"} 1`,
			`orgkeeper_http_request_duration_seconds_count{method="POST",route="/admin/login"} 1`,
			`orgkeeper_password_hash_wait_seconds_count 2`,
			"orgkeeper_http_requests_in_flight 0", "orgkeeper_ready 1", "orgkeeper_build_info{", "go_goroutines ", "process_resident_memory_bytes ",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("no %s", want)
			}
		}
		if !regexp.MustCompile(`orgkeeper_store_calls_total\{command="insert[^"]*",outcome="done"\} [1-9]`).MatchString(text) {
			t.Error("no insert is counted")
		}
		for _, word := range private {
			if strings.Contains(text, word) {
				t.Errorf("the metrics hold %s", word)
			}
		}
		if !strings.Contains(read(t, p.admin(t)+"/debug/pprof/goroutine?debug=1"), "goroutine profile") {
			t.Error("no profile")
		}
		if status := statusOf(t, p.url+"/metrics"); status != http.StatusNotFound {
			t.Errorf("the public address serves metrics: %d", status)
		}
	})
}

func TestAdminAddressInUse(t *testing.T) {
	p := onSQLite(t).start(t, "ADMIN_ADDR=127.0.0.1:0")
	address := strings.TrimPrefix(p.admin(t), "http://")
	out, err := onSQLite(t).run(t, nil, "ADMIN_ADDR="+address)
	if err == nil || !strings.Contains(out, "ADMIN_ADDR") || !strings.Contains(out, "in use") {
		t.Errorf("error %v, output:\n%s", err, out)
	}
}

func TestTraces(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		var mu sync.Mutex
		var sent strings.Builder
		collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			defer mu.Unlock()
			sent.WriteString(r.URL.Path + " ")
			sent.Write(body)
		}))
		defer collector.Close()
		p := e.start(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
		p.create(t, "Acme", "admin@acme.example")
		p.logIn(t, "admin@acme.example")
		if err := p.terminate(t); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, want := range []string{"/v1/traces ", "POST /org/create", "CreateOrganization", "LogIn", " insert", "orgkeeper"} {
			if !strings.Contains(sent.String(), want) {
				t.Errorf("no span has %s", want)
			}
		}
		for _, word := range private {
			if strings.Contains(sent.String(), word) {
				t.Errorf("the spans hold %s", word)
			}
		}
		if !regexp.MustCompile(`"route":"/org/create".*"trace_id":"[0-9a-f]{32}","span_id":"[0-9a-f]{16}"`).MatchString(p.output.String()) {
			t.Errorf("the log has no trace:\n%s", p.output)
		}
	})
}

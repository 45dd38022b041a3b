package main

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

func TestAdmin(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the metrics") })
	a, err := startAdmin(t.Context(), "127.0.0.1:0", metrics, log)
	if err != nil {
		t.Fatal(err)
	}
	address := a.listener.Addr().String()
	for path, want := range map[string]string{
		"/metrics": "the metrics", "/debug/pprof/": "goroutine", "/debug/pprof/goroutine?debug=1": "goroutine profile", "/": "404",
	} {
		response, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if !strings.Contains(string(body), want) {
			t.Errorf("%s: %s %.200s", path, response.Status, body)
		}
	}
	_, err = startAdmin(t.Context(), address, metrics, log)
	for _, want := range []string{"ADMIN_ADDR", address, "in use", "none"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a port in use: %v doesn't say %s", err, want)
		}
	}
	a.close()
	if response, err := http.Get("http://" + address + "/metrics"); err == nil {
		response.Body.Close()
		t.Error("it is served after close")
	}
	(*admin)(nil).close()
}

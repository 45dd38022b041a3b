package middleware

import (
	"log/slog"
	"net/http"
)

// record writes the request's line. It has no path and no query, which may hold
// names, and no header, which may hold a token. The record is built by hand:
// Logger.LogAttrs would look up the caller's line, which says nothing here.
func (o *Observer) record(e *Exchange, r *http.Request, gone bool) {
	status := e.status()
	level := slog.LevelInfo
	switch {
	case status >= http.StatusInternalServerError:
		level = slog.LevelError
	case status < http.StatusBadRequest && o.Quiet != nil && o.Quiet(e.Route):
		level = slog.LevelDebug
	}
	handler := o.Log.Handler()
	if !handler.Enabled(e, level) {
		return
	}
	now := o.Now()
	line := slog.NewRecord(now, level, "request", 0)
	line.AddAttrs(
		slog.String("request_id", e.RequestID),
		slog.String("method", knownMethod(r.Method)),
		slog.String("route", orDash(e.Route)),
		slog.Int("status", status),
		slog.Int64("bytes", e.response.bytes),
		slog.Float64("duration_ms", float64(now.Sub(e.started).Microseconds())/1000),
		slog.String("client", clientText(e)),
	)
	if gone {
		line.AddAttrs(slog.Bool("client_gone", true))
	}
	_ = handler.Handle(e, line)
}

// status is what net/http sends, also for a handler that wrote nothing.
func (e *Exchange) status() int {
	if e.response.status == 0 {
		return http.StatusOK
	}
	return e.response.status
}

// knownMethod keeps made-up methods, of any length, out of the log.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions, http.MethodTrace, http.MethodConnect:
		return method
	}
	return "other"
}

func clientText(e *Exchange) string {
	if !e.Client.IsValid() {
		return "-"
	}
	return e.Client.String()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

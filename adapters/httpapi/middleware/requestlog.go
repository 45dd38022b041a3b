package middleware

import (
	"context"
	"log/slog"
)

// RequestLog returns a handler that gives each record the request_id of the request
// whose context it is logged with. It is for the log of what works for requests and
// knows nothing of HTTP; this adapter's own lines have the identifier already.
func RequestLog(next slog.Handler) slog.Handler { return &requestLog{next} }

type requestLog struct{ slog.Handler }

// Handle implements slog.Handler.
func (h *requestLog) Handle(ctx context.Context, r slog.Record) error {
	if e := FromContext(ctx); e != nil {
		r = r.Clone()
		r.AddAttrs(slog.String("request_id", e.RequestID))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *requestLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &requestLog{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h *requestLog) WithGroup(name string) slog.Handler {
	return &requestLog{h.Handler.WithGroup(name)}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof" // What it adds to http.DefaultServeMux is never served.
	"time"
)

// The bounds of the admin server. A profile takes as long as its caller asks for.
const (
	adminWriteTimeout = 5 * time.Minute
	adminGrace        = time.Second
)

// admin serves metrics and profiles on an address of its own, which strangers can't
// reach. The nil admin serves nothing.
type admin struct {
	listener net.Listener
	server   *http.Server
	ended    chan struct{}
}

// startAdmin listens on the address and serves until close.
func startAdmin(ctx context.Context, address string, metrics http.Handler, log *slog.Logger) (*admin, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("ADMIN_ADDR: %w; each instance on a machine needs an address of its own, and none serves no metrics", err)
	}
	a := &admin{
		listener: listener,
		server:   newHTTPServer(adminRoutes(metrics), adminWriteTimeout, log),
		ended:    make(chan struct{}),
	}
	go func() {
		defer close(a.ended)
		if err := a.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics and profiles are not served any more", "error", err)
		}
	}()
	return a, nil
}

func adminRoutes(metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("POST /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// close lets scrapes that run finish, and cuts profiles off.
func (a *admin) close() {
	if a == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), adminGrace)
	defer cancel()
	if a.server.Shutdown(ctx) != nil {
		_ = a.server.Close()
	}
	<-a.ended
}

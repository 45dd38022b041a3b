package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/adapters/config"
	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/app"
)

// envFile is read beside the environment, from the working directory.
const envFile = ".env"

// serve reads the configuration and serves until a signal comes.
func serve(cmd *cobra.Command, _ []string) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	c, err := config.Load(envFile)
	if err != nil {
		return err
	}
	return run(ctx, stop, c, cmd.OutOrStdout(), cmd.ErrOrStderr())
}

// run serves until ctx ends, then drains. stop is called when draining begins, so
// that a second signal ends the process at once.
func run(ctx context.Context, stop func(), c config.Config, out, errOut io.Writer) (err error) {
	log := newLogger(c, errOut)
	tuneRuntime(c)
	key, err := tokenKey(c)
	if err != nil {
		return err
	}
	st, err := openStore(ctx, c)
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.ShutdownGrace)
		defer cancel()
		err = errors.Join(err, st.close(closing))
	}()
	service, err := newService(c, st, key, log)
	if err != nil {
		return err
	}
	if st.exclusive {
		if err := service.Recover(ctx); err != nil {
			log.ErrorContext(ctx, "not all interrupted operations could be finished", "error", err)
		}
	}
	api, err := newAPI(c, service, st, log)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.HTTPAddr)
	if err != nil {
		return err
	}
	announce(out, c, st, listener.Addr())
	clearing, stopClearing := context.WithCancel(ctx)
	cleared := make(chan struct{})
	go func() {
		defer close(cleared)
		clearUp(clearing, service, c.OperationLease, log)
	}()
	defer func() {
		stopClearing()
		<-cleared
	}()
	return serveHTTP(ctx, stop, listener, api, c.ShutdownGrace, log)
}

func newAPI(c config.Config, service *app.Service, st *store, log *slog.Logger) (*httpapi.Server, error) {
	return httpapi.New(service, httpapi.Options{
		Version:          version,
		PrivateGet:       !c.PublicOrgGet,
		PasswordMinRunes: c.PasswordMinLength,
		RateLimitCreate:  c.RateLimitCreate,
		RateLimitLogin:   c.RateLimitLogin,
		RateLimitGet:     c.RateLimitGet,
		RateLimitExempt:  c.RateLimitExempt,
		TrustedProxies:   c.TrustedProxies,
		CORSOrigins:      c.CORSOrigins,
		Ready:            st.Ping,
		Log:              log,
		NewID:            newID,
	})
}

// clearUp finishes what a crash has left: what is due at once, and after one lease
// whatever was pending then.
func clearUp(ctx context.Context, service *app.Service, lease time.Duration, log *slog.Logger) {
	for _, wait := range []time.Duration{0, lease} {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if err := service.Reconcile(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "clearing up what a crash has left is not complete", "error", err)
		}
	}
}

// serveHTTP serves until ctx ends. Then it says that it isn't ready, lets the
// requests that run finish within grace, and returns.
func serveHTTP(ctx context.Context, stop func(), l net.Listener, api *httpapi.Server, grace time.Duration, log *slog.Logger) error {
	server := &http.Server{
		Handler:           api,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop()
	api.SetDraining()
	log.Info("draining", "grace", grace)
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(draining); err != nil {
		_ = server.Close()
		return fmt.Errorf("requests were still running after SHUTDOWN_GRACE: %w", err)
	}
	log.Info("stopped")
	return nil
}

func newLogger(c config.Config, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.SlogLevel()}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

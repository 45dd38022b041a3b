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
	"github.com/orgkeeper/orgkeeper/adapters/telemetry"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/cmd/orgkeeper/internal/cli"
	"github.com/orgkeeper/orgkeeper/domain"
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
	sig, err := newSignals(ctx, c, log)
	if err != nil {
		return err
	}
	defer sig.close(log)
	st, err := openStore(ctx, c, cli.Change, sig.storeCall(c.Store))
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.ShutdownGrace)
		defer cancel()
		err = errors.Join(err, st.close(closing))
	}()
	service, err := newService(c, st, key, sig, log)
	if err != nil {
		return err
	}
	if st.exclusive {
		if err := service.Recover(ctx); err != nil {
			log.ErrorContext(ctx, "not all interrupted operations could be finished", "error", err)
		}
	}
	api, err := newAPI(c, service, st, key, sig, log)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.HTTPAddr)
	if err != nil {
		return err
	}
	var metrics *admin
	if sig.metrics != nil {
		if metrics, err = startAdmin(ctx, c.AdminAddr, sig.metrics.Handler(), log); err != nil {
			return errors.Join(err, listener.Close())
		}
		defer metrics.close()
	}
	announce(out, c, st, listener.Addr(), metrics)
	reconciling, stopReconciling := context.WithCancel(ctx)
	reconciled := make(chan struct{})
	go func() {
		defer close(reconciled)
		service.KeepReconciling(reconciling)
	}()
	defer func() { // before the store is closed
		stopReconciling()
		<-reconciled
	}()
	return serveHTTP(ctx, stop, listener, api, sig.handler(api), c.ShutdownGrace, log)
}

func newAPI(c config.Config, service *app.Service, st *store, key domain.Secret, sig *signals, log *slog.Logger) (*httpapi.Server, error) {
	requests, err := requestKey(key)
	if err != nil {
		return nil, err
	}
	api, err := httpapi.New(sig.useCases(httpapi.UseCases(service)), httpapi.Options{
		Version:          version,
		PrivateGet:       !c.PublicOrgGet,
		PasswordMinRunes: c.PasswordMinLength,
		RateLimitCreate:  c.RateLimitCreate,
		RateLimitLogin:   c.RateLimitLogin,
		RateLimitGet:     c.RateLimitGet,
		RateLimitExempt:  c.RateLimitExempt,
		TrustedProxies:   c.TrustedProxies,
		CORSOrigins:      c.CORSOrigins,
		OperatorTokens:   c.OperatorTokens(),
		RequestKey:       requests,
		Ready:            st.Ping,
		MaxInFlight:      c.MaxRequestsInFlight,
		Finished:         sig.requestFinished(),
		Log:              log,
		NewID:            newID,
	})
	if err != nil {
		return nil, err
	}
	sig.watchAPI(api)
	return api, nil
}

// writeTimeout bounds an answer, from the end of the request's header.
const writeTimeout = 30 * time.Second

// newHTTPServer returns a server with the bounds on what a client may send, and how slowly.
func newHTTPServer(handler http.Handler, write time.Duration, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      write,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// serveHTTP serves until ctx ends. Then it says that it isn't ready, lets the
// requests that run finish within grace, and returns. handler is api and what stands
// before it.
func serveHTTP(ctx context.Context, stop func(), l net.Listener, api *httpapi.Server, handler http.Handler, grace time.Duration, log *slog.Logger) error {
	server := newHTTPServer(handler, writeTimeout, log)
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
	var handler slog.Handler = slog.NewTextHandler(w, options)
	if c.LogFormat == "json" {
		handler = slog.NewJSONHandler(w, options)
	}
	if c.OTLPEndpoint != "" {
		handler = telemetry.LogHandler(handler)
	}
	return slog.New(handler)
}

package httpapi

import (
	"context"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// readyTimeout bounds the question to the store: a probe wants an answer.
const readyTimeout = 2 * time.Second

// StatusResponse is the body of a probe's good answer.
type StatusResponse struct {
	Status string `json:"status" example:"ok"`
}

type statusOutput struct{ Body StatusResponse }

func (s *Server) healthz(context.Context, *struct{}) (*statusOutput, error) {
	return &statusOutput{StatusResponse{"ok"}}, nil
}

func (s *Server) readyz(ctx context.Context, _ *struct{}) (*statusOutput, error) {
	err := s.Ready(ctx)
	switch {
	case errors.Is(err, errDraining):
		return nil, draining.problem
	case err != nil:
		return nil, s.problem(ctx, "", err)
	}
	return &statusOutput{StatusResponse{"ready"}}, nil
}

// errDraining is what Ready says after SetDraining.
var errDraining = errors.New("httpapi: the service is shutting down")

// Ready returns why GET /readyz would not answer 200, or nil.
func (s *Server) Ready(ctx context.Context) error {
	if s.draining.Load() {
		return errDraining
	}
	if s.options.Ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := s.options.Ready(ctx); err != nil {
		return domain.ErrStoreUnavailable.Because(err)
	}
	return nil
}

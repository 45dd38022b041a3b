package httpapi

import (
	"context"
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
	if s.draining.Load() {
		return nil, draining.problem
	}
	if s.options.Ready != nil {
		ctx, cancel := context.WithTimeout(ctx, readyTimeout)
		defer cancel()
		if err := s.options.Ready(ctx); err != nil {
			return nil, s.problem(ctx, "", domain.ErrStoreUnavailable.Because(err))
		}
	}
	return &statusOutput{StatusResponse{"ready"}}, nil
}

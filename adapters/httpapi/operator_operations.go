package httpapi

import (
	"context"
	"log/slog"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// PendingOperation is an operation that has not come to its end.
type PendingOperation struct {
	ID         string     `json:"id" example:"01934f1e-7c1a-7b3e-9f2d-6a1b2c3d4e60"`
	Kind       string     `json:"kind" doc:"create, update, move, delete or purge." example:"update"`
	Phase      string     `json:"phase" doc:"forward, committed (it can't go back any more) or back." example:"forward"`
	By         string     `json:"by,omitempty" doc:"Who asked for it: owner, operator or retention." example:"owner"`
	StartedAt  time.Time  `json:"started_at" example:"2026-11-22T09:30:00.123Z"`
	LeaseUntil *time.Time `json:"lease_until,omitempty" doc:"Until when it is left to its runner or, after a failure, to itself; absent of a move, whose state is under /move." example:"2026-11-22T09:30:10.123Z"`
	Attempt    int        `json:"attempt" doc:"How many runners it has had." example:"1"`
	Failures   int        `json:"failures" doc:"How many attempts failed though the store answered." example:"0"`
	Stuck      bool       `json:"stuck" doc:"Whether it waits for an operator to retry or to abort it." example:"false"`
	Abortable  bool       `json:"abortable" doc:"Whether it can still be aborted." example:"true"`
	Drop       *Drop      `json:"drop,omitempty" doc:"How far it has come with dropping documents; only under /operations, once it has begun to, and unless they are too many to count in 2 seconds."`
}

// dropCountTime is for how long documents that are left to be dropped are counted.
const dropCountTime = 2 * time.Second

// Drop is how far an operation has come with dropping documents.
type Drop struct {
	Documents int64 `json:"documents" doc:"How many it has found." example:"120000"`
	Left      int64 `json:"left" doc:"How many of them are left." example:"45000"`
}

// EndedOperation is the operation that ended last.
type EndedOperation struct {
	ID        string    `json:"id" example:"01934f1e-7c1a-7b3e-9f2d-6a1b2c3d4e5f"`
	Kind      string    `json:"kind" doc:"create, update, move, delete, purge, restore, suspend, activate, hold or release." example:"create"`
	By        string    `json:"by,omitempty" doc:"Who asked for it: owner, operator or retention." example:"owner"`
	Outcome   string    `json:"outcome" doc:"completed, or the code with which it was refused and went back." example:"completed"`
	StartedAt time.Time `json:"started_at" example:"2026-11-22T09:30:00.123Z"`
	EndedAt   time.Time `json:"ended_at" example:"2026-11-22T09:30:00.456Z"`
	Attempt   int       `json:"attempt" doc:"How many runners it took." example:"1"`
}

// OperationsResponse is the body of the answer to GET /v1/organizations/{id}/operations.
type OperationsResponse struct {
	Pending *PendingOperation `json:"pending,omitempty" doc:"The operation that is pending; absent when none is."`
	Last    *EndedOperation   `json:"last,omitempty" doc:"The one that ended last; absent when none has."`
}

const completed = "completed"

func representPending(op domain.Operation) *PendingOperation {
	if op.IsZero() {
		return nil
	}
	p := &PendingOperation{
		ID:        string(op.ID),
		Kind:      string(op.Kind),
		Phase:     string(op.Phase),
		By:        string(op.By),
		StartedAt: op.StartedAt.UTC(),
		Attempt:   op.Attempt,
		Failures:  op.Failures,
		Stuck:     op.Stuck,
		Abortable: op.CanAbort(),
	}
	if lease := op.LeaseUntil.UTC(); !op.HandedOver() {
		p.LeaseUntil = &lease
	}
	return p
}

func representLast(last domain.Outcome) *EndedOperation {
	if last.Operation == "" {
		return nil
	}
	outcome := completed
	if last.Refused != "" {
		outcome = string(last.Refused)
	}
	return &EndedOperation{
		ID:        string(last.Operation),
		Kind:      string(last.Kind),
		By:        string(last.By),
		Outcome:   outcome,
		StartedAt: last.StartedAt.UTC(),
		EndedAt:   last.EndedAt.UTC(),
		Attempt:   last.Attempt,
	}
}

type operationsOutput struct{ Body OperationsResponse }

func (s *Server) inspectOperations(ctx context.Context, in *Subject) (*operationsOutput, error) {
	details, err := s.inspect(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	o := details.Organization
	pending := representPending(o.Pending)
	counting, cancel := context.WithTimeout(ctx, dropCountTime)
	defer cancel()
	switch left, err := s.service.DropLeft(counting, o); {
	case err != nil:
		s.log(ctx, slog.LevelWarn, "what is left to be dropped could not be counted", err)
	case left != nil:
		pending.Drop = &Drop{Documents: o.Pending.Measured.Documents, Left: left.Documents}
	}
	return &operationsOutput{OperationsResponse{Pending: pending, Last: representLast(o.Last)}}, nil
}

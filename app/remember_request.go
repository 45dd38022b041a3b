package app

import (
	"context"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// requestMemory is for how long a request with an idempotency key is remembered.
const requestMemory = 24 * time.Hour

// BeginRequest records that a request with an idempotency key runs, and returns it:
// answered if it ran before, otherwise with the ID of the operation that it has begun
// or shall begin. id is made of the key and its scope, fingerprint of what is asked.
//
// Errors: domain.ErrKeyReused when something else was asked with the key,
// domain.ErrKeyInUse while the first request runs, domain.ErrStoreUnavailable.
func (s *Service) BeginRequest(ctx context.Context, id, fingerprint string) (domain.Request, error) {
	for {
		found, err := s.requests.ByID(ctx, id)
		now := s.now()
		if errors.Is(err, domain.ErrRequestNotFound) {
			fresh := s.newRequest(id, fingerprint, now)
			if err := s.requests.Insert(ctx, fresh); !errors.Is(err, domain.ErrVersionConflict) {
				return fresh, err
			}
			continue // Somebody else was faster.
		}
		if err != nil {
			return found, err
		}
		var next domain.Request
		switch {
		case !found.ExpiresAt.After(now): // Another one may take the key.
			next = s.newRequest(id, fingerprint, now)
			next.Version = found.Version + 1
		case found.Fingerprint != fingerprint:
			return found, domain.ErrKeyReused
		case found.Answered():
			return found, nil
		case s.lasts(found.LeaseUntil, s.options.OperationLease):
			return found, domain.ErrKeyInUse
		default:
			next = found.TakeOver(now.Add(s.options.OperationLease))
			if next.Operation, err = s.resumed(ctx, found.Operation); err != nil {
				return found, err
			}
		}
		if err := s.requests.Replace(ctx, next, found.Version); !errors.Is(err, domain.ErrVersionConflict) {
			return next, err
		}
	}
}

func (s *Service) newRequest(id, fingerprint string, now time.Time) domain.Request {
	return domain.Request{
		ID:          id,
		Fingerprint: fingerprint,
		Operation:   domain.OperationID(s.newID()),
		LeaseUntil:  now.Add(s.options.OperationLease),
		ExpiresAt:   now.Add(requestMemory),
		Version:     1,
	}
}

// resumed returns the operation with which a request that was interrupted goes on: its
// own, or a new one when it was a create that went back since nobody could finish it.
func (s *Service) resumed(ctx context.Context, op domain.OperationID) (domain.OperationID, error) {
	o, err := s.organizations.ByID(ctx, domain.OrganizationID(op))
	if errors.Is(err, domain.ErrOrganizationNotFound) {
		return op, nil
	}
	if err != nil {
		return op, err
	}
	o = s.settle(ctx, o)
	if o.Status == domain.StatusPurged && o.Last.Kind == domain.OperationCreate {
		return domain.OperationID(s.newID()), nil
	}
	return op, nil
}

// ConcludeRequest remembers the answer of a request that runs.
//
// Errors: domain.ErrStoreUnavailable; the request is then run again when it is repeated,
// and its operation finds what it has done.
func (s *Service) ConcludeRequest(ctx context.Context, r domain.Request, answer []byte) error {
	return s.replaceRequest(ctx, r, r.Conclude(answer))
}

// ReleaseRequest lets a request that has come to nothing be run again at once.
//
// Errors: domain.ErrStoreUnavailable.
func (s *Service) ReleaseRequest(ctx context.Context, r domain.Request) error {
	return s.replaceRequest(ctx, r, r.TakeOver(time.Time{}))
}

// replaceRequest writes next unless somebody else goes on with the request.
func (s *Service) replaceRequest(ctx context.Context, r, next domain.Request) error {
	ctx, cancel := detached(ctx)
	defer cancel()
	if err := s.requests.Replace(ctx, next, r.Version); !errors.Is(err, domain.ErrVersionConflict) {
		return err
	}
	return nil
}

// forgetRequests removes the requests whose time is over.
func (s *Service) forgetRequests(ctx context.Context) error {
	for {
		n, err := s.requests.Forget(ctx, s.now(), reconcileBatch)
		if err != nil || n < reconcileBatch {
			return err
		}
	}
}

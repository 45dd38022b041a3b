package app

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// change lets nobody write, brings over what is left, and leads the organization to the
// target. From its first write on the move only goes forward.
func (r *moveRun) change(ctx context.Context) error {
	began := r.now()
	if !r.organization.Pending.Switching() {
		r.move.Stage = domain.MoveSwitching // Nobody pauses it from now on.
		if err := r.save(ctx); err != nil {
			return err
		}
		if err := r.commit(ctx); err != nil {
			return err
		}
	}
	if err := r.session.Freeze(ctx); err != nil {
		return err
	}
	if err := r.bringRest(ctx); err != nil {
		return err
	}
	mine, err := r.finish(ctx)
	if err != nil {
		return err
	}
	if r.organization.Pending.ID == r.move.Operation {
		return errStopped
	}
	r.move.Held = r.now().Sub(began)
	if mine {
		r.signals.MoveSwitched(r.move)
		r.log.InfoContext(ctx, "moved an organization", "organization_id", r.move.Organization,
			"from", r.move.From.Strategy, "to", r.move.To.Strategy, "documents", r.move.Total.Documents, "held_ms", r.move.Held.Milliseconds())
	}
	return r.keep(ctx)
}

// finish ends the operation, and reports whether this runner has.
func (r *moveRun) finish(ctx context.Context) (mine bool, err error) {
	next, err := r.organization.Finish(r.now())
	if err != nil {
		return false, err
	}
	was := r.organization.Pending
	if r.organization, err = r.write(ctx, r.organization, next); err != nil {
		return false, err
	}
	if mine = ended(next, r.organization); mine {
		r.signals.OperationEnded(was, r.organization.Last.EndedAt.Sub(was.StartedAt))
	}
	return mine, nil
}

// commit makes the move one that only goes forward.
func (r *moveRun) commit(ctx context.Context) error {
	return r.turn(ctx, domain.PhaseCommitted, domain.Organization.Commit)
}

// turn brings the pending move from forward to another phase, unless somebody else brings
// it to yet another one.
func (r *moveRun) turn(
	ctx context.Context, to domain.Phase, transition func(domain.Organization) (domain.Organization, error),
) error {
	for {
		err := r.reread(ctx)
		if err != nil {
			return err
		}
		if r.organization.Pending.Phase == to {
			return nil
		}
		next, err := transition(r.organization)
		if err != nil {
			return err
		}
		if r.organization, err = r.write(ctx, r.organization, next); err != nil {
			return err
		}
	}
}

// bringRest makes the target what the source is, now that nobody writes there, and proves
// it by their sums. When what was written meanwhile isn't known, or the sums differ, it
// compares all documents once more.
func (r *moveRun) bringRest(ctx context.Context) error {
	if r.checked && r.session.Records() {
		equal, err := r.rest(ctx)
		if err != nil || equal {
			return err
		}
		r.log.WarnContext(ctx, "a move compares all documents again: its sums differ", "organization_id", r.move.Organization)
	}
	if err := r.check(ctx, domain.MoveSwitching); err != nil {
		return err
	}
	equal, err := r.rest(ctx)
	if err == nil && !equal {
		err = errUnequal
	}
	return err
}

// rest catches up and compares the sums. Who writes past the freeze is in neither for ever.
func (r *moveRun) rest(ctx context.Context) (equal bool, err error) {
	for n, round := 1, 0; n > 0 && round < moveRounds; round++ {
		n, err = r.session.CatchUp(ctx)
		if err == nil {
			err = r.progress(ctx, domain.Usage{})
		}
		if err != nil {
			return false, err
		}
	}
	sums, err := r.session.Sums(ctx)
	return sums.Equal(), err
}

// keep writes down that the organization has left what it had.
func (r *moveRun) keep(ctx context.Context) error {
	n := r.move.Enter(domain.MoveKept, r.now())
	n.Failures = 0
	err := r.put(ctx, n, r.options.MoveGrace)
	if err == nil {
		r.seen(r.move)
	}
	return err
}

// conclude finds that the operation has come to its end without this record's being told.
// An organization that never left the source has nothing to drop there.
func (r *moveRun) conclude(ctx context.Context) error {
	if !r.livesAtSource() {
		return r.keep(ctx)
	}
	if err := r.dropAll(ctx, r.move.To); err != nil {
		return err
	}
	return r.moves.Remove(ctx, r.move.Operation)
}

// livesAtSource reports whether the organization lives where the move began: no later
// placement ever is that one.
func (r *moveRun) livesAtSource() bool {
	at := r.organization.Placement
	return !at.IsZero() && at.Generation <= r.move.From.Generation
}

// dropLeft drops what the organization has left, and forgets the move.
func (r *moveRun) dropLeft(ctx context.Context) error {
	if r.livesAtSource() {
		return domain.ErrTransition // Never: what is kept was left.
	}
	return r.dropKept(ctx, r.move)
}

// dropKept drops what was left by a move that has switched.
func (s *Service) dropKept(ctx context.Context, m domain.Move) error {
	storage, err := s.storage(m.From)
	if err != nil {
		return err
	}
	if err := s.mover.Forget(ctx, m); err != nil {
		return err
	}
	if err := storage.Namespaces.Drop(ctx, m.From.Left()); err != nil {
		return err
	}
	return s.moves.Remove(ctx, m.Operation)
}

// dropAllKept drops all that the organization has left by moves.
func (s *Service) dropAllKept(ctx context.Context, id domain.OrganizationID) error {
	all, err := s.moves.ByOrganization(ctx, id)
	for _, m := range all {
		if err == nil {
			err = s.dropKept(ctx, m)
		}
	}
	return err
}

// turnBack makes the move go back because it was refused. What switches doesn't.
func (r *moveRun) turnBack(ctx context.Context, refusal error) error {
	if r.organization.Pending.Switching() {
		return refusal
	}
	r.log.WarnContext(ctx, "a move is refused", "organization_id", r.move.Organization, "error", refusal)
	return r.turn(ctx, domain.PhaseBack, func(o domain.Organization) (domain.Organization, error) {
		return o.TurnBack(domain.CodeMoveRefused)
	})
}

// undo removes what was copied, and ends the operation: again when somebody has changed the
// organization meanwhile, since nobody goes on with an operation whose record is removed.
func (r *moveRun) undo(ctx context.Context) error {
	if r.move.Stage != domain.MoveBack {
		if err := r.enter(ctx, domain.MoveBack); err != nil {
			return err
		}
	}
	for r.organization.Pending.ID == r.move.Operation {
		if err := r.dropAll(ctx, r.organization.Pending.Target); err != nil {
			return err
		}
		if _, err := r.finish(ctx); err != nil {
			return err
		}
	}
	return r.moves.Remove(ctx, r.move.Operation)
}

// tidy removes what a runner has made who opened the move late: when it was going back, or had
// gone back. Nobody else knows of that. If it fails, what is left is empty.
func (r *moveRun) tidy(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.options.OperationLease)
	defer cancel()
	err := r.read(ctx)
	pending := r.organization.Pending
	if err == nil && (pending.ID != r.move.Operation || pending.Phase == domain.PhaseBack) && r.livesAtSource() {
		err = r.dropAll(ctx, r.move.To)
	}
	if err != nil {
		r.log.WarnContext(ctx, "what a move has made may be left", "organization_id", r.move.Organization, "error", err)
	}
}

// dropAll removes what the move has made at the source and at its target, and nothing of
// anybody else: before the target was written down nothing was copied.
func (r *moveRun) dropAll(ctx context.Context, to domain.Placement) error {
	if err := r.mover.Forget(ctx, r.move); err != nil {
		return err
	}
	if r.move.Target == "" {
		return r.discardNamespace(ctx, to)
	}
	storage, err := r.storage(to)
	if err != nil {
		return err
	}
	info, err := storage.Namespaces.Stat(ctx, to)
	if err != nil || info.Identity != r.move.Target {
		return err
	}
	return storage.Namespaces.Drop(ctx, to)
}

package app

import (
	"context"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
)

// Command says on which organization an operator acts.
type Command struct {
	Organization domain.OrganizationID
	// IfVersion is the version that the operator has seen; 0 acts on any.
	IfVersion int64
	// Operation, of a Request, makes the wish come true once however often it is
	// uttered. "" is none.
	Operation domain.OperationID
	// By says who acts. Default: an operator.
	By domain.Actor
}

// errUnchanged says that the organization is as it shall be already.
var errUnchanged = errors.New("app: nothing is to change")

// operate performs an operation of the kind on the command's organization, and returns
// the organization afterwards. transition begins it, or does all of it in one write,
// or returns errUnchanged.
func (s *Service) operate(
	ctx context.Context, c Command, kind domain.OperationKind,
	transition func(o domain.Organization, op domain.Operation) (domain.Organization, error),
) (domain.Organization, error) {
	setDefault(&c.By, domain.ActorOperator)
	ctx, cancel := detached(ctx)
	defer cancel()
	o, err := s.subject(ctx, c)
	if err != nil {
		return domain.Organization{}, err
	}
	op := s.newOperation(kind, c.Operation, c.By)
	if o.Last.Operation != op.ID && o.Pending.ID != op.ID {
		o, err = s.begin(ctx, o, op.ID, func(o domain.Organization) (domain.Organization, error) {
			if err := c.current(o); err != nil {
				return o, err
			}
			return transition(o, op)
		})
		switch {
		case errors.Is(err, errUnchanged):
			return o, nil
		case err != nil:
			return domain.Organization{}, err
		}
	}
	if o, err = s.run(ctx, o, op.ID); err != nil {
		return domain.Organization{}, err
	}
	return o, outcome(o, op.ID)
}

// subject returns the command's organization, after finishing what a crash left of it.
func (s *Service) subject(ctx context.Context, c Command) (domain.Organization, error) {
	o, err := s.organizations.ByID(ctx, c.Organization)
	if err != nil {
		return o, err
	}
	return s.settle(ctx, o), nil
}

// current returns ErrPreconditionFailed unless the organization is in the version that
// the operator has seen.
func (c Command) current(o domain.Organization) error {
	if c.IfVersion != 0 && c.IfVersion != o.Version {
		return domain.ErrPreconditionFailed
	}
	return nil
}

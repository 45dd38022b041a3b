package app

import (
	"context"
	"errors"

	"github.com/orgkeeper/orgkeeper/domain"
)

// CreateOrganization is the wish for a new organization with its owner.
type CreateOrganization struct {
	Name     string
	Email    string
	Password domain.Secret
	// By says who wants it; an operator may though sign-up is closed. Default: the
	// owner.
	By domain.Actor
	// Strategy says how its documents are kept; only an operator may choose it. Default:
	// Options.Strategy.
	Strategy domain.Strategy
	// Operation, of a Request, makes the wish come true once however often it is
	// uttered. "" is none.
	Operation domain.OperationID
}

// CreatedOrganization is what came of it.
type CreatedOrganization struct {
	Organization domain.Organization
	AdminEmail   domain.Email
}

// CreateOrganization registers an organization, makes its owner's account and its
// namespace. When it returns nil all of that is durable.
//
// Errors: domain.ErrSignupClosed, an invalid-request *domain.Error that lists every
// wrong field, domain.ErrNameTaken, domain.ErrEmailTaken, domain.ErrOrganizationLimit,
// domain.ErrOverloaded, domain.ErrStoreUnavailable (the organization may come to be or
// not, whole), domain.ErrOperationAborted; with an Operation also domain.ErrKeyInUse
// and domain.ErrStatus. After the others no organization has come to be; a create that loses a
// race for its email leaves a purged record behind, which keeps its namespace's name.
func (s *Service) CreateOrganization(ctx context.Context, in CreateOrganization) (CreatedOrganization, error) {
	var none CreatedOrganization
	setDefault(&in.By, domain.ActorOwner)
	if s.options.SignupClosed && in.By != domain.ActorOperator {
		return none, domain.ErrSignupClosed
	}
	name, nameErr := domain.ParseName(in.Name)
	email, emailErr := domain.ParseEmail(in.Email)
	password, passwordErr := domain.NewPassword(in.Password, s.options.PasswordMinRunes)
	setDefault(&in.Strategy, s.tenancy.Strategy)
	if err := domain.JoinInvalid(nameErr, emailErr, passwordErr, s.checkStrategy(in)); err != nil {
		return none, err
	}
	if in.Operation != "" {
		if created, err := s.createdBefore(ctx, in.Operation); err != nil || created.Organization.ID != "" {
			return created, err
		}
	}
	// Looked up before the password is hashed, so that a conflict is cheap; the
	// unique indexes decide.
	if err := s.refuseTaken(ctx, name, "", email, ""); err != nil {
		return s.unlessCreated(ctx, in.Operation, err)
	}
	if err := s.admit(ctx); err != nil {
		return none, err
	}
	hash, err := s.passwords.Hash(ctx, password)
	if err != nil {
		return none, err
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	o, err := s.insertOrganization(ctx, name, in)
	if err != nil {
		return s.unlessCreated(ctx, in.Operation, err)
	}
	op := o.Pending.ID
	account := domain.NewAccount(o.Owner, o.ID, email, hash, s.now())
	if o, err = s.establish(ctx, o, account); err == nil {
		err = outcome(o, op)
	}
	if err != nil {
		return none, err
	}
	return CreatedOrganization{Organization: o, AdminEmail: email}, nil
}

// checkStrategy returns an invalid-request error unless the strategy can be had.
func (s *Service) checkStrategy(in CreateOrganization) error {
	err := s.offers(in.Strategy)
	if err == nil && in.Strategy != s.tenancy.Strategy && in.By != domain.ActorOperator {
		err = domain.Invalid("strategy", "can be chosen by operators alone")
	}
	return err
}

// createdBefore returns the organization that the operation has created, nothing if it
// has created none yet. A create's operation has the ID of its organization.
func (s *Service) createdBefore(ctx context.Context, op domain.OperationID) (CreatedOrganization, error) {
	var none CreatedOrganization
	o, err := s.organizations.ByID(ctx, domain.OrganizationID(op))
	if errors.Is(err, domain.ErrOrganizationNotFound) {
		return none, nil
	}
	if err != nil {
		return none, err
	}
	switch o = s.settle(ctx, o); {
	case o.Status == domain.StatusProvisioning:
		return none, domain.ErrKeyInUse
	case o.Status == domain.StatusPurged && o.Last.Kind == domain.OperationCreate:
		return none, domain.ErrStoreUnavailable // It went back; the next try begins another one.
	case !o.Live():
		return none, domain.ErrStatus.Saying("The organization was created, and is " + string(o.Status) + " by now.")
	}
	owner, err := s.accounts.ByID(ctx, o.Owner)
	if err != nil {
		return none, err
	}
	return CreatedOrganization{Organization: o, AdminEmail: owner.Email}, nil
}

// unlessCreated returns the refusal of a name or an email, unless another runner of the
// same operation has created the organization meanwhile: it would be in its own way.
func (s *Service) unlessCreated(ctx context.Context, op domain.OperationID, refusal error) (CreatedOrganization, error) {
	if op == "" || !errors.Is(refusal, domain.ErrNameTaken) && !errors.Is(refusal, domain.ErrEmailTaken) {
		return CreatedOrganization{}, refusal
	}
	created, err := s.createdBefore(ctx, op)
	if err == nil && created.Organization.ID == "" {
		err = refusal
	}
	return created, err
}

// refuseTaken returns ErrNameTaken or ErrEmailTaken when another organization or
// account than the given ones has the name or the email. The zero email is nobody's.
func (s *Service) refuseTaken(
	ctx context.Context, name domain.Name, organization domain.OrganizationID, email domain.Email, account domain.AccountID,
) error {
	switch taken, err := s.nameTaken(ctx, name.Key(), organization); {
	case err != nil:
		return err
	case taken:
		return domain.ErrNameTaken
	}
	if email.IsZero() {
		return nil
	}
	switch taken, err := s.emailTaken(ctx, email.Key(), account); {
	case err != nil:
		return err
	case taken:
		return domain.ErrEmailTaken
	}
	return nil
}

// insertOrganization writes the record with the intent of its creation, under a
// namespace that was never given before.
func (s *Service) insertOrganization(ctx context.Context, name domain.Name, in CreateOrganization) (domain.Organization, error) {
	o := s.newOrganization(name, in)
	for {
		err := s.organizations.Insert(ctx, o)
		switch {
		case err == nil:
			return o, nil
		case errors.Is(err, domain.ErrNamespaceTaken):
			o = o.Elsewhere(s.tenancy.Draw(o.Placement, o.ID, name, s.random))
			continue
		case errors.Is(err, domain.ErrVersionConflict) && in.Operation != "":
			return o, domain.ErrKeyInUse // Whoever runs the same request was faster.
		case errors.Is(err, domain.ErrStoreUnavailable):
			// The answer was lost, perhaps not the write. A record with another owner is
			// of another runner of the same request.
			if found, lookErr := s.organizations.ByID(ctx, o.ID); lookErr == nil {
				if found.Owner != o.Owner {
					return o, domain.ErrKeyInUse
				}
				return o, nil
			}
		}
		return o, err
	}
}

func (s *Service) newOrganization(name domain.Name, in CreateOrganization) domain.Organization {
	op := s.newOperation(domain.OperationCreate, in.Operation, in.By)
	id := domain.OrganizationID(op.ID)
	return domain.NewOrganization(
		id, domain.AccountID(s.newID()), name, s.tenancy.Place(in.Strategy, id, name, s.random), op, s.now(),
	)
}

// newOperation returns an operation that this process runs. "" draws its ID.
func (s *Service) newOperation(kind domain.OperationKind, id domain.OperationID, by domain.Actor) domain.Operation {
	if id == "" {
		id = domain.OperationID(s.newID())
	}
	now := s.now()
	return domain.Operation{
		ID:         id,
		Kind:       kind,
		Phase:      domain.PhaseForward,
		By:         by,
		StartedAt:  now,
		LeaseUntil: now.Add(s.options.OperationLease),
		Attempt:    1,
	}
}

// establish inserts the owner's account and brings the create to its end.
func (s *Service) establish(ctx context.Context, o domain.Organization, account domain.Account) (domain.Organization, error) {
	made, next := o, o
	err := s.insertAccount(ctx, account)
	switch {
	case errors.Is(err, domain.ErrEmailTaken):
		next, err = o.TurnBack(domain.CodeEmailTaken)
	case err == nil:
		next, err = s.provision(ctx, o)
	}
	if err == nil {
		o, err = s.write(ctx, o, next)
		s.tell(made, next, o)
	}
	if err == nil || errors.Is(err, domain.ErrNamespaceTaken) {
		o, err = s.run(ctx, o, made.Pending.ID)
	}
	if err == nil {
		err = s.discardLate(ctx, made, o)
	}
	return o, err
}

// insertAccount adds the owner's account. An email that only a crash's leftover
// holds is freed first.
func (s *Service) insertAccount(ctx context.Context, account domain.Account) error {
	err := s.accounts.Insert(ctx, account)
	switch {
	case errors.Is(err, domain.ErrEmailTaken):
		taken, lookErr := s.emailTaken(ctx, account.Email.Key(), account.ID)
		if lookErr != nil {
			return lookErr
		}
		if taken {
			return err
		}
		return s.accounts.Insert(ctx, account)
	case errors.Is(err, domain.ErrStoreUnavailable):
		// The answer was lost, perhaps not the write.
		if _, lookErr := s.accounts.ByID(ctx, account.ID); lookErr == nil {
			return nil
		}
	}
	return err
}

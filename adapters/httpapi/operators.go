package httpapi

import (
	"context"
	"log/slog"

	"github.com/danielgtaylor/huma/v2"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Operators is what the routes for operators need of package app.
type Operators interface {
	ListOrganizations(context.Context, ports.OrganizationQuery) ([]domain.Organization, error)
	InspectOrganization(context.Context, domain.OrganizationID) (app.OrganizationDetails, error)
	UpdateByOperator(context.Context, app.Command, app.Change) (app.UpdatedOrganization, error)
	DeleteByOperator(context.Context, app.Command) (domain.Organization, error)
	SuspendOrganization(context.Context, app.Command) (domain.Organization, error)
	ActivateOrganization(context.Context, app.Command) (domain.Organization, error)
	RestoreOrganization(ctx context.Context, c app.Command, name string) (domain.Organization, error)
	HoldOrganization(ctx context.Context, c app.Command, hold bool) (domain.Organization, error)
	PurgeOrganization(context.Context, app.Command) (domain.Organization, error)
	RetryOperation(context.Context, app.Command) (domain.Organization, error)
	AbortOperation(context.Context, app.Command) (domain.Organization, error)
	DropLeft(context.Context, domain.Organization) (*domain.Usage, error)
	Transfers
	Usages
	Movers
}

// Subject names an organization in the path.
// It and Condition have exported names because Huma reads no other embedded structs.
type Subject struct {
	ID string `path:"id" doc:"The organization's ID." example:"01934f1e-7c1a-7b3e-9f2d-6a1b2c3d4e5f"`
}

// Condition names an organization to change, and in which version.
type Condition struct {
	Subject
	IfMatch string `header:"If-Match" doc:"The ETag that the organization shall have still; absent or * for any."`
}

// command is the input of a change that needs no more than its organization.
type command struct {
	Condition
	Body *NoFields
}

type restoration struct {
	Condition
	Body *RestoreRequest
}

type alteration struct {
	Condition
	Body PatchRequest
}

type recordOutput struct {
	ETag string `header:"ETag" doc:"The record's version, for If-Match and If-None-Match." example:"\"7\""`
	Body Organization
}

// registerOperators adds the routes for operators.
func (s *Server) registerOperators(api huma.API) {
	huma.Register(api, s.listOperation(), s.listOrganizations)
	huma.Register(api, s.makeOperation(), s.makeOrganization)
	huma.Register(api, s.inspectOperation(), s.inspectOrganization)
	huma.Register(api, s.changeOperation(), s.changeOrganization)
	huma.Register(api, s.removeOperation(), s.removeOrganization)
	huma.Register(api, s.restoreOperation(), s.restoreOrganization)
	for _, c := range s.commands() {
		huma.Register(api, c.operation, s.commanded(c.perform))
	}
	huma.Register(api, s.operationsOperation(), s.inspectOperations)
	huma.Register(api, s.exportOperation(), s.exportDocuments)
	huma.Register(api, s.importOperation(), s.importDocuments)
	s.registerUsages(api)
	s.registerMoves(api)
}

// operatorCommand is a use case that needs no more than a command, and its route.
type operatorCommand struct {
	operation huma.Operation
	perform   func(context.Context, app.Command) (domain.Organization, error)
}

// commanded is the handler of such a use case.
func (s *Server) commanded(
	perform func(context.Context, app.Command) (domain.Organization, error),
) func(context.Context, *command) (*recordOutput, error) {
	return func(ctx context.Context, in *command) (*recordOutput, error) {
		c, err := s.command(ctx, in.ID, in.IfMatch)
		if err != nil {
			return nil, err
		}
		o, err := perform(ctx, c)
		return s.record(ctx, o, err)
	}
}

func (s *Server) changeOrganization(ctx context.Context, in *alteration) (*recordOutput, error) {
	c, err := s.command(ctx, in.ID, in.IfMatch)
	if err != nil {
		return nil, err
	}
	updated, err := s.service.UpdateByOperator(ctx, c, app.Change{Name: in.Body.Name, Email: in.Body.Email})
	if err != nil {
		return nil, s.operatorProblem(ctx, err)
	}
	return output(app.OrganizationDetails{Organization: updated.New, AdminEmail: updated.AdminEmail}), nil
}

func (s *Server) removeOrganization(ctx context.Context, in *Condition) (*recordOutput, error) {
	c, err := s.command(ctx, in.ID, in.IfMatch)
	if err != nil {
		return nil, err
	}
	o, err := s.service.DeleteByOperator(ctx, c)
	return s.record(ctx, o, err)
}

func (s *Server) restoreOrganization(ctx context.Context, in *restoration) (*recordOutput, error) {
	c, err := s.command(ctx, in.ID, in.IfMatch)
	if err != nil {
		return nil, err
	}
	name := ""
	if in.Body != nil && in.Body.Name != nil {
		name = *in.Body.Name
		if _, err := domain.ParseName(name); err != nil { // The use case takes "" for none.
			return nil, s.operatorProblem(ctx, err)
		}
	}
	o, err := s.service.RestoreOrganization(ctx, c, name)
	return s.record(ctx, o, err)
}

// command returns the command of a request, or the problem that answers it. Without
// the gate before the handler there is no operator, and nobody may do anything.
func (s *Server) command(ctx context.Context, id, condition string) (app.Command, error) {
	if actor(middleware.FromContext(ctx)) != domain.ActorOperator {
		return app.Command{}, s.problem(ctx, inBody, domain.ErrUnauthenticated)
	}
	organization, err := organizationID(id)
	if err != nil {
		return app.Command{}, s.operatorProblem(ctx, err)
	}
	return app.Command{
		Organization: organization,
		IfVersion:    ifVersion(condition),
		Operation:    requestOperation(ctx),
		By:           domain.ActorOperator,
	}, nil
}

// record is the answer to a change: the organization as the change has left it, with
// its owner's email. When only the email can't be had, it is left out: the change is
// done.
func (s *Server) record(ctx context.Context, o domain.Organization, err error) (*recordOutput, error) {
	if err != nil {
		return nil, s.operatorProblem(ctx, err)
	}
	details, err := s.service.InspectOrganization(ctx, o.ID)
	if err != nil {
		s.log(ctx, slog.LevelWarn, "an administrator's email could not be read", err)
	}
	details.Organization = o
	return output(details), nil
}

func output(d app.OrganizationDetails) *recordOutput {
	return &recordOutput{ETag: etag(d.Organization.Version), Body: Represent(d)}
}

var noSuchID = newProblem(domain.CodeOrganizationNotFound, "No organization with this ID exists.")

// operatorProblem is problem in the words of the routes under /v1.
func (s *Server) operatorProblem(ctx context.Context, err error) *Problem {
	p := s.problem(ctx, inBody, err)
	if p.Code == domain.CodeOrganizationNotFound {
		return noSuchID
	}
	for i, e := range p.Errors {
		if e.Location == inBody+"."+fieldName {
			p.Errors[i].Location = inBody + "." + fieldWish
		}
	}
	return p
}

func (s *Server) hold(hold bool) func(context.Context, app.Command) (domain.Organization, error) {
	return func(ctx context.Context, c app.Command) (domain.Organization, error) {
		return s.service.HoldOrganization(ctx, c, hold)
	}
}

package httpapi

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// fieldStrategy is how an organization's documents are kept, in a body.
const fieldStrategy = "strategy"

// NewOrganization is the body of POST /v1/organizations.
type NewOrganization struct {
	_        struct{} `additionalProperties:"false"`
	Name     string   `json:"name" doc:"The name: 2 to 100 characters once outer white space is cut and runs of it are one space." example:"Acme Corp"`
	Email    string   `json:"email" doc:"The administrator's email address, at most 254 bytes." example:"admin@example.com"`
	Password string   `json:"password" doc:"The administrator's password." example:"correct horse battery staple"`
	Strategy string   `json:"strategy,omitempty" doc:"How the documents are kept: collection, database or shared. Absent: as TENANCY says." example:"collection"`
}

func (b *NewOrganization) set(name, value string) {
	switch name {
	case fieldWish:
		b.Name = value
	case fieldEmail:
		b.Email = value
	case fieldPassword:
		b.Password = value
	case fieldStrategy:
		b.Strategy = value
		if value == "" {
			b.Strategy = "none" // The use case takes "" for the default.
		}
	}
}

type makeOutput struct {
	Location string `header:"Location" doc:"Where the organization is." example:"/v1/organizations/01934f1e-7c1a-7b3e-9f2d-6a1b2c3d4e5f"`
	ETag     string `header:"ETag" doc:"The record's version, for If-Match and If-None-Match." example:"\"3\""`
	Body     Organization
}

func (s *Server) makeOperation() huma.Operation {
	op := forOperators(opMake, http.MethodPost, pathOrganizations, "Create an organization with a strategy",
		"As POST /org/create does, also while sign-up is closed.", "The organization exists.",
		withStrictBody, repeatable, describeInvalid("body.strategy", "is not offered here"),
		failing(domain.ErrNameTaken, domain.ErrEmailTaken, domain.ErrOrganizationLimit, domain.ErrOperationAborted, domain.ErrStatus))
	op.DefaultStatus = http.StatusCreated
	op.Responses["201"] = op.Responses["200"]
	delete(op.Responses, "200")
	return op
}

func (s *Server) makeOrganization(ctx context.Context, in *struct{ Body NewOrganization }) (*makeOutput, error) {
	if actor(middleware.FromContext(ctx)) != domain.ActorOperator {
		return nil, s.problem(ctx, inBody, domain.ErrUnauthenticated)
	}
	created, err := s.service.CreateOrganization(ctx, app.CreateOrganization{
		Name:      in.Body.Name,
		Email:     in.Body.Email,
		Password:  domain.NewSecret(in.Body.Password),
		Strategy:  domain.Strategy(in.Body.Strategy),
		By:        domain.ActorOperator,
		Operation: requestOperation(ctx),
	})
	if err != nil {
		return nil, s.operatorProblem(ctx, err)
	}
	o := created.Organization
	return &makeOutput{
		Location: pathOrganizations + "/" + url.PathEscape(string(o.ID)),
		ETag:     etag(o.Version),
		Body:     Represent(app.OrganizationDetails{Organization: o, AdminEmail: created.AdminEmail}),
	}, nil
}

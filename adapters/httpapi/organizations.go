package httpapi

import (
	"context"
	"net/url"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi/middleware"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// CreateRequest is the body of POST /org/create.
type CreateRequest struct {
	_                struct{} `additionalProperties:"true"`
	OrganizationName string   `json:"organization_name" doc:"The name: 2 to 100 characters once outer white space is cut and runs of it are one space. Equal to another one regardless of case, width and spacing." example:"Acme Corp"`
	Email            string   `json:"email" doc:"The administrator's email address, at most 254 bytes." example:"admin@example.com"`
	Password         string   `json:"password" doc:"The administrator's password." example:"correct horse battery staple"`
}

func (b *CreateRequest) set(name, value string) {
	switch name {
	case fieldName:
		b.OrganizationName = value
	case fieldEmail:
		b.Email = value
	case fieldPassword:
		b.Password = value
	}
}

// CreateResponse is the body of its answer.
type CreateResponse struct {
	Message          string `json:"message" example:"Organization created."`
	OrganizationID   string `json:"organization_id" example:"01934f1e-7c1a-7b3e-9f2d-6a1b2c3d4e5f"`
	OrganizationName string `json:"organization_name" example:"Acme Corp"`
	CollectionName   string `json:"collection_name" doc:"Where the organization's documents live." example:"org_acme_corp"`
	AdminEmail       string `json:"admin_email" example:"admin@example.com"`
}

type createOutput struct {
	Location string `header:"Location" doc:"Where the organization is found." example:"/org/get?organization_name=Acme+Corp"`
	Body     CreateResponse
}

func (s *Server) createOrganization(ctx context.Context, in *struct{ Body CreateRequest }) (*createOutput, error) {
	created, err := s.service.CreateOrganization(ctx, app.CreateOrganization{
		Name:      in.Body.OrganizationName,
		Email:     in.Body.Email,
		Password:  domain.NewSecret(in.Body.Password),
		By:        actor(middleware.FromContext(ctx)),
		Operation: requestOperation(ctx),
	})
	if err != nil {
		return nil, s.problem(ctx, inBody, err)
	}
	o := created.Organization
	return &createOutput{
		Location: pathGet + "?" + fieldName + "=" + url.QueryEscape(o.Name.String()),
		Body: CreateResponse{
			Message:          "Organization created.",
			OrganizationID:   string(o.ID),
			OrganizationName: o.Name.String(),
			CollectionName:   o.Placement.Collection(),
			AdminEmail:       created.AdminEmail.String(),
		},
	}, nil
}

// GetResponse is the body of the answer to GET /org/get.
type GetResponse struct {
	OrganizationID   string    `json:"organization_id" example:"01934f1e-7c1a-7b3e-9f2d-6a1b2c3d4e5f"`
	OrganizationName string    `json:"organization_name" example:"Acme Corp"`
	CollectionName   string    `json:"collection_name" doc:"Where the organization's documents live." example:"org_acme_corp"`
	CreatedAt        time.Time `json:"created_at" doc:"When it was created, in UTC." example:"2026-11-22T09:30:00.123Z"`
}

type getOutput struct{ Body GetResponse }

func (s *Server) getOrganization(ctx context.Context, in *nameQuery) (*getOutput, error) {
	o, err := s.service.GetOrganization(ctx, in.OrganizationName)
	if err != nil {
		return nil, s.problem(ctx, inQuery, err)
	}
	return &getOutput{GetResponse{
		OrganizationID:   string(o.ID),
		OrganizationName: o.Name.String(),
		CollectionName:   o.Placement.Collection(),
		CreatedAt:        o.CreatedAt.UTC(),
	}}, nil
}

// UpdateRequest is the body of PUT /org/update.
type UpdateRequest struct {
	_                struct{} `additionalProperties:"true"`
	OrganizationName string   `json:"organization_name" doc:"The name that the organization shall have; its present one to leave it." example:"Acme Holding"`
	Email            *string  `json:"email,omitempty" nullable:"true" doc:"The email address that the administrator shall have. Absent or null leaves it." example:"office@example.com"`
	Password         string   `json:"password" doc:"The administrator's current password." example:"correct horse battery staple"`
}

func (b *UpdateRequest) set(name, value string) {
	switch name {
	case fieldName:
		b.OrganizationName = value
	case fieldEmail:
		b.Email = &value
	case fieldPassword:
		b.Password = value
	}
}

// UpdateResponse is the body of its answer.
type UpdateResponse struct {
	Message       string `json:"message" example:"Organization updated."`
	OldName       string `json:"old_name" example:"Acme Corp"`
	NewName       string `json:"new_name" example:"Acme Holding"`
	OldCollection string `json:"old_collection" example:"org_acme_corp"`
	NewCollection string `json:"new_collection" example:"org_acme_holding"`
	AdminEmail    string `json:"admin_email" example:"office@example.com"`
}

type updateOutput struct{ Body UpdateResponse }

func (s *Server) updateOrganization(ctx context.Context, in *struct{ Body UpdateRequest }) (*updateOutput, error) {
	who, err := session(middleware.FromContext(ctx))
	if err != nil {
		return nil, s.problem(ctx, inBody, err)
	}
	updated, err := s.service.UpdateOrganization(ctx, who, app.UpdateOrganization{
		Name:     in.Body.OrganizationName,
		Email:    in.Body.Email,
		Password: domain.NewSecret(in.Body.Password),
	})
	if err != nil {
		return nil, s.problem(ctx, inBody, err)
	}
	return &updateOutput{UpdateResponse{
		Message:       "Organization updated.",
		OldName:       updated.Old.Name.String(),
		NewName:       updated.New.Name.String(),
		OldCollection: updated.Old.Placement.Collection(),
		NewCollection: updated.New.Placement.Collection(),
		AdminEmail:    updated.AdminEmail.String(),
	}}, nil
}

// DeleteResponse is the body of the answer to DELETE /org/delete.
type DeleteResponse struct {
	Message string `json:"message" example:"Organization deleted."`
}

type deleteOutput struct{ Body DeleteResponse }

func (s *Server) deleteOrganization(ctx context.Context, in *nameQuery) (*deleteOutput, error) {
	who, err := session(middleware.FromContext(ctx))
	if err != nil {
		return nil, s.problem(ctx, inQuery, err)
	}
	if err := s.service.DeleteOrganization(ctx, who, in.OrganizationName); err != nil {
		return nil, s.problem(ctx, inQuery, err)
	}
	return &deleteOutput{DeleteResponse{Message: "Organization deleted."}}, nil
}

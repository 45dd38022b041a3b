package httpapi

import (
	"context"
	"time"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// LoginRequest is the body of POST /admin/login.
type LoginRequest struct {
	_        struct{} `additionalProperties:"true"`
	Email    string   `json:"email" doc:"The administrator's email address." example:"admin@example.com"`
	Password string   `json:"password" doc:"The administrator's password." example:"correct horse battery staple"`
}

func (b *LoginRequest) set(name, value string) {
	switch name {
	case fieldEmail:
		b.Email = value
	case fieldPassword:
		b.Password = value
	}
}

// LoginResponse is the body of its answer.
type LoginResponse struct {
	AccessToken    string `json:"access_token" doc:"Send it as Authorization: Bearer." example:"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2ln"`
	TokenType      string `json:"token_type" enum:"bearer" example:"bearer"`
	OrganizationID string `json:"organization_id" example:"01934f1e-7c1a-7b3e-9f2d-6a1b2c3d4e5f"`
	ExpiresIn      int64  `json:"expires_in" doc:"For how many seconds the token is good." example:"3600"`
}

type loginOutput struct{ Body LoginResponse }

func (s *Server) logIn(ctx context.Context, in *struct{ Body LoginRequest }) (*loginOutput, error) {
	got, err := s.service.LogIn(ctx, app.LogIn{Email: in.Body.Email, Password: domain.NewSecret(in.Body.Password)})
	if err != nil {
		return nil, s.problem(ctx, inBody, err)
	}
	return &loginOutput{LoginResponse{
		AccessToken:    got.Token,
		TokenType:      "bearer",
		OrganizationID: string(got.Organization),
		ExpiresIn:      int64(got.ExpiresIn / time.Second),
	}}, nil
}

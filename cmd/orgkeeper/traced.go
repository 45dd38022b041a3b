package main

import (
	"context"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// tracedService begins and ends a span around each use case. A test sees that it
// leaves none out.
type tracedService struct {
	httpapi.Service
	begin func(ctx context.Context, name string) (context.Context, func(error))
}

// traced runs a use case with a span around it.
func traced[A, T any](ctx context.Context, s *tracedService, name string, useCase func(httpapi.Service, context.Context, A) (T, error), a A) (T, error) {
	ctx, end := s.begin(ctx, name)
	out, err := useCase(s.Service, ctx, a)
	end(err)
	return out, err
}

// traced2 runs a use case of two arguments.
func traced2[A, B, T any](ctx context.Context, s *tracedService, name string, useCase func(httpapi.Service, context.Context, A, B) (T, error), a A, b B) (T, error) {
	return traced(ctx, s, name, func(service httpapi.Service, ctx context.Context, a A) (T, error) {
		return useCase(service, ctx, a, b)
	}, a)
}

// tracedError runs a use case that returns nothing but an error.
func tracedError(ctx context.Context, s *tracedService, name string, useCase func(context.Context) error) error {
	ctx, end := s.begin(ctx, name)
	err := useCase(ctx)
	end(err)
	return err
}

// CreateOrganization: see app.Service, as all below.
func (s *tracedService) CreateOrganization(ctx context.Context, in app.CreateOrganization) (app.CreatedOrganization, error) {
	return traced(ctx, s, "CreateOrganization", httpapi.Service.CreateOrganization, in)
}

func (s *tracedService) GetOrganization(ctx context.Context, name string) (domain.Organization, error) {
	return traced(ctx, s, "GetOrganization", httpapi.Service.GetOrganization, name)
}

func (s *tracedService) UpdateOrganization(ctx context.Context, who app.Session, in app.UpdateOrganization) (app.UpdatedOrganization, error) {
	return traced2(ctx, s, "UpdateOrganization", httpapi.Service.UpdateOrganization, who, in)
}

func (s *tracedService) DeleteOrganization(ctx context.Context, who app.Session, name string) error {
	return tracedError(ctx, s, "DeleteOrganization", func(ctx context.Context) error { return s.Service.DeleteOrganization(ctx, who, name) })
}

func (s *tracedService) LogIn(ctx context.Context, in app.LogIn) (app.LoggedIn, error) {
	return traced(ctx, s, "LogIn", httpapi.Service.LogIn, in)
}

func (s *tracedService) Authenticate(ctx context.Context, token string) (app.Session, error) {
	return traced(ctx, s, "Authenticate", httpapi.Service.Authenticate, token)
}

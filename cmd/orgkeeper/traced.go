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

// traced runs one use case.
func traced[T any](ctx context.Context, s *tracedService, name string, run func(context.Context) (T, error)) (T, error) {
	ctx, end := s.begin(ctx, name)
	out, err := run(ctx)
	end(err)
	return out, err
}

// CreateOrganization: see app.Service, as all below.
func (s *tracedService) CreateOrganization(ctx context.Context, in app.CreateOrganization) (app.CreatedOrganization, error) {
	return traced(ctx, s, "CreateOrganization", func(ctx context.Context) (app.CreatedOrganization, error) {
		return s.Service.CreateOrganization(ctx, in)
	})
}

func (s *tracedService) GetOrganization(ctx context.Context, name string) (domain.Organization, error) {
	return traced(ctx, s, "GetOrganization", func(ctx context.Context) (domain.Organization, error) {
		return s.Service.GetOrganization(ctx, name)
	})
}

func (s *tracedService) UpdateOrganization(ctx context.Context, who app.Session, in app.UpdateOrganization) (app.UpdatedOrganization, error) {
	return traced(ctx, s, "UpdateOrganization", func(ctx context.Context) (app.UpdatedOrganization, error) {
		return s.Service.UpdateOrganization(ctx, who, in)
	})
}

func (s *tracedService) DeleteOrganization(ctx context.Context, who app.Session, name string) error {
	ctx, end := s.begin(ctx, "DeleteOrganization")
	err := s.Service.DeleteOrganization(ctx, who, name)
	end(err)
	return err
}

func (s *tracedService) LogIn(ctx context.Context, in app.LogIn) (app.LoggedIn, error) {
	return traced(ctx, s, "LogIn", func(ctx context.Context) (app.LoggedIn, error) {
		return s.Service.LogIn(ctx, in)
	})
}

func (s *tracedService) Authenticate(ctx context.Context, token string) (app.Session, error) {
	return traced(ctx, s, "Authenticate", func(ctx context.Context) (app.Session, error) {
		return s.Service.Authenticate(ctx, token)
	})
}

package main

import (
	"context"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

func (s *tracedService) ListOrganizations(ctx context.Context, q ports.OrganizationQuery) ([]domain.Organization, error) {
	return traced(ctx, s, "ListOrganizations", func(ctx context.Context) ([]domain.Organization, error) {
		return s.Service.ListOrganizations(ctx, q)
	})
}

func (s *tracedService) InspectOrganization(ctx context.Context, id domain.OrganizationID) (app.OrganizationDetails, error) {
	return traced(ctx, s, "InspectOrganization", func(ctx context.Context) (app.OrganizationDetails, error) {
		return s.Service.InspectOrganization(ctx, id)
	})
}

func (s *tracedService) UpdateByOperator(ctx context.Context, c app.Command, change app.Change) (app.UpdatedOrganization, error) {
	return traced(ctx, s, "UpdateByOperator", func(ctx context.Context) (app.UpdatedOrganization, error) {
		return s.Service.UpdateByOperator(ctx, c, change)
	})
}

func (s *tracedService) RestoreOrganization(ctx context.Context, c app.Command, name string) (domain.Organization, error) {
	return traced(ctx, s, "RestoreOrganization", func(ctx context.Context) (domain.Organization, error) {
		return s.Service.RestoreOrganization(ctx, c, name)
	})
}

func (s *tracedService) HoldOrganization(ctx context.Context, c app.Command, hold bool) (domain.Organization, error) {
	return traced(ctx, s, "HoldOrganization", func(ctx context.Context) (domain.Organization, error) {
		return s.Service.HoldOrganization(ctx, c, hold)
	})
}

func (s *tracedService) DeleteByOperator(ctx context.Context, c app.Command) (domain.Organization, error) {
	return traced(ctx, s, "DeleteByOperator", func(ctx context.Context) (domain.Organization, error) {
		return s.Service.DeleteByOperator(ctx, c)
	})
}

func (s *tracedService) SuspendOrganization(ctx context.Context, c app.Command) (domain.Organization, error) {
	return traced(ctx, s, "SuspendOrganization", func(ctx context.Context) (domain.Organization, error) {
		return s.Service.SuspendOrganization(ctx, c)
	})
}

func (s *tracedService) ActivateOrganization(ctx context.Context, c app.Command) (domain.Organization, error) {
	return traced(ctx, s, "ActivateOrganization", func(ctx context.Context) (domain.Organization, error) {
		return s.Service.ActivateOrganization(ctx, c)
	})
}

func (s *tracedService) PurgeOrganization(ctx context.Context, c app.Command) (domain.Organization, error) {
	return traced(ctx, s, "PurgeOrganization", func(ctx context.Context) (domain.Organization, error) {
		return s.Service.PurgeOrganization(ctx, c)
	})
}

func (s *tracedService) RetryOperation(ctx context.Context, c app.Command) (domain.Organization, error) {
	return traced(ctx, s, "RetryOperation", func(ctx context.Context) (domain.Organization, error) {
		return s.Service.RetryOperation(ctx, c)
	})
}

func (s *tracedService) AbortOperation(ctx context.Context, c app.Command) (domain.Organization, error) {
	return traced(ctx, s, "AbortOperation", func(ctx context.Context) (domain.Organization, error) {
		return s.Service.AbortOperation(ctx, c)
	})
}

func (s *tracedService) BeginRequest(ctx context.Context, id, fingerprint string) (domain.Request, error) {
	return traced(ctx, s, "BeginRequest", func(ctx context.Context) (domain.Request, error) {
		return s.Service.BeginRequest(ctx, id, fingerprint)
	})
}

func (s *tracedService) ConcludeRequest(ctx context.Context, r domain.Request, answer []byte) error {
	ctx, end := s.begin(ctx, "ConcludeRequest")
	err := s.Service.ConcludeRequest(ctx, r, answer)
	end(err)
	return err
}

func (s *tracedService) ReleaseRequest(ctx context.Context, r domain.Request) error {
	ctx, end := s.begin(ctx, "ReleaseRequest")
	err := s.Service.ReleaseRequest(ctx, r)
	end(err)
	return err
}

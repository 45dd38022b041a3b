package main

import (
	"context"
	"io"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

func (s *tracedService) ListOrganizations(ctx context.Context, q ports.OrganizationQuery) ([]domain.Organization, error) {
	return traced(ctx, s, "ListOrganizations", httpapi.Service.ListOrganizations, q)
}

func (s *tracedService) InspectOrganization(ctx context.Context, id domain.OrganizationID) (app.OrganizationDetails, error) {
	return traced(ctx, s, "InspectOrganization", httpapi.Service.InspectOrganization, id)
}

func (s *tracedService) DropLeft(ctx context.Context, o domain.Organization) (*domain.Usage, error) {
	return traced(ctx, s, "DropLeft", httpapi.Service.DropLeft, o)
}

func (s *tracedService) OrganizationUsage(ctx context.Context, id domain.OrganizationID) (app.OrganizationUsage, error) {
	return traced(ctx, s, "OrganizationUsage", httpapi.Service.OrganizationUsage, id)
}

func (s *tracedService) SetQuota(ctx context.Context, id domain.OrganizationID, q *domain.Quota) (app.OrganizationUsage, error) {
	return traced2(ctx, s, "SetQuota", httpapi.Service.SetQuota, id, q)
}

func (s *tracedService) MoveOrganization(ctx context.Context, c app.Command, to domain.Strategy) (domain.Organization, error) {
	return traced2(ctx, s, "MoveOrganization", httpapi.Service.MoveOrganization, c, to)
}

func (s *tracedService) Moves(ctx context.Context, id domain.OrganizationID) ([]domain.Move, error) {
	return traced(ctx, s, "Moves", httpapi.Service.Moves, id)
}

func (s *tracedService) PauseMove(ctx context.Context, c app.Command) (domain.Move, error) {
	return traced(ctx, s, "PauseMove", httpapi.Service.PauseMove, c)
}

func (s *tracedService) ResumeMove(ctx context.Context, c app.Command) (domain.Move, error) {
	return traced(ctx, s, "ResumeMove", httpapi.Service.ResumeMove, c)
}

func (s *tracedService) UpdateByOperator(ctx context.Context, c app.Command, change app.Change) (app.UpdatedOrganization, error) {
	return traced2(ctx, s, "UpdateByOperator", httpapi.Service.UpdateByOperator, c, change)
}

func (s *tracedService) RestoreOrganization(ctx context.Context, c app.Command, name string) (domain.Organization, error) {
	return traced2(ctx, s, "RestoreOrganization", httpapi.Service.RestoreOrganization, c, name)
}

func (s *tracedService) HoldOrganization(ctx context.Context, c app.Command, hold bool) (domain.Organization, error) {
	return traced2(ctx, s, "HoldOrganization", httpapi.Service.HoldOrganization, c, hold)
}

func (s *tracedService) DeleteByOperator(ctx context.Context, c app.Command) (domain.Organization, error) {
	return traced(ctx, s, "DeleteByOperator", httpapi.Service.DeleteByOperator, c)
}

func (s *tracedService) SuspendOrganization(ctx context.Context, c app.Command) (domain.Organization, error) {
	return traced(ctx, s, "SuspendOrganization", httpapi.Service.SuspendOrganization, c)
}

func (s *tracedService) ActivateOrganization(ctx context.Context, c app.Command) (domain.Organization, error) {
	return traced(ctx, s, "ActivateOrganization", httpapi.Service.ActivateOrganization, c)
}

func (s *tracedService) PurgeOrganization(ctx context.Context, c app.Command) (domain.Organization, error) {
	return traced(ctx, s, "PurgeOrganization", httpapi.Service.PurgeOrganization, c)
}

func (s *tracedService) RetryOperation(ctx context.Context, c app.Command) (domain.Organization, error) {
	return traced(ctx, s, "RetryOperation", httpapi.Service.RetryOperation, c)
}

func (s *tracedService) AbortOperation(ctx context.Context, c app.Command) (domain.Organization, error) {
	return traced(ctx, s, "AbortOperation", httpapi.Service.AbortOperation, c)
}

func (s *tracedService) ExportDocuments(ctx context.Context, id domain.OrganizationID, w io.Writer) (app.Export, error) {
	return traced2(ctx, s, "ExportDocuments", httpapi.Service.ExportDocuments, id, w)
}

func (s *tracedService) ImportDocuments(ctx context.Context, id domain.OrganizationID, r io.Reader, offset int64) (out app.Import, err error) {
	err = tracedError(ctx, s, "ImportDocuments", func(ctx context.Context) (err error) {
		out, err = s.Service.ImportDocuments(ctx, id, r, offset)
		return err
	})
	return out, err
}

func (s *tracedService) BeginRequest(ctx context.Context, id, fingerprint string) (domain.Request, error) {
	return traced2(ctx, s, "BeginRequest", httpapi.Service.BeginRequest, id, fingerprint)
}

func (s *tracedService) ConcludeRequest(ctx context.Context, r domain.Request, answer []byte) error {
	return tracedError(ctx, s, "ConcludeRequest", func(ctx context.Context) error { return s.Service.ConcludeRequest(ctx, r, answer) })
}

func (s *tracedService) ReleaseRequest(ctx context.Context, r domain.Request) error {
	return tracedError(ctx, s, "ReleaseRequest", func(ctx context.Context) error { return s.Service.ReleaseRequest(ctx, r) })
}

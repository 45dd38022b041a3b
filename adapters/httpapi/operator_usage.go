package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// The fields of a quota in a body.
const (
	fieldDocuments = "documents"
	fieldBytes     = "bytes"
)

// Usages is what the routes about usage need of package app.
type Usages interface {
	OrganizationUsage(context.Context, domain.OrganizationID) (app.OrganizationUsage, error)
	SetQuota(context.Context, domain.OrganizationID, *domain.Quota) (app.OrganizationUsage, error)
}

// Usage is how much an organization holds.
type Usage struct {
	Documents  int64     `json:"documents" example:"1200"`
	Bytes      int64     `json:"bytes" doc:"The documents' size as the engine counts it, without indexes." example:"340000"`
	MeasuredAt time.Time `json:"measured_at" doc:"When it held so much; at most 10 minutes ago." example:"2026-11-22T09:30:00.123Z"`
	Quota      Quota     `json:"quota" doc:"How much it may hold."`
}

// Quota is how much an organization may hold.
type Quota struct {
	Documents int64 `json:"documents" doc:"0 is no bound." example:"100000"`
	Bytes     int64 `json:"bytes" doc:"0 is no bound." example:"1000000000"`
	Own       bool  `json:"own" doc:"Whether it is the organization's own, and not the deployment's." example:"true"`
}

// QuotaRequest is the body of PUT /v1/organizations/{id}/quota.
type QuotaRequest struct {
	_         struct{} `additionalProperties:"false"`
	Documents int64    `json:"documents" doc:"How many documents it may hold; 0 is no bound." example:"100000"`
	Bytes     int64    `json:"bytes" doc:"How many bytes its documents may have; 0 is no bound." example:"1000000000"`
}

// unmarshalQuota reads whole numbers. What else a body has, the validation has refused.
func unmarshalQuota(data []byte, v *QuotaRequest) error {
	_, err := eachMember(data, func(key string, value []byte) error {
		n, ok := typed(value).(int64)
		switch {
		case !ok:
		case key == fieldDocuments:
			v.Documents = n
		case key == fieldBytes:
			v.Bytes = n
		}
		return nil
	})
	return err
}

// RepresentUsage returns what operators see of a usage, by HTTP or otherwise.
func RepresentUsage(u app.OrganizationUsage) Usage {
	return Usage{
		Documents: u.Documents, Bytes: u.Bytes, MeasuredAt: u.MeasuredAt.UTC(),
		Quota: Quota{Documents: u.Quota.Documents, Bytes: u.Quota.Bytes, Own: u.Own},
	}
}

type usageOutput struct{ Body Usage }

// registerUsages adds the routes about usage.
func (s *Server) registerUsages(api huma.API) {
	huma.Register(api, usageOperation(), func(ctx context.Context, in *Subject) (*usageOutput, error) {
		return s.usage(ctx, in.ID, s.service.OrganizationUsage)
	})
	huma.Register(api, setQuotaOperation(), func(ctx context.Context, in *struct {
		Subject
		Body QuotaRequest
	},
	) (*usageOutput, error) {
		return s.usage(ctx, in.ID, s.quota(&domain.Quota{Documents: in.Body.Documents, Bytes: in.Body.Bytes}))
	})
	huma.Register(api, unsetQuotaOperation(), func(ctx context.Context, in *Subject) (*usageOutput, error) {
		return s.usage(ctx, in.ID, s.quota(nil))
	})
}

// quota returns the use case that sets the quota.
func (s *Server) quota(q *domain.Quota) func(context.Context, domain.OrganizationID) (app.OrganizationUsage, error) {
	return func(ctx context.Context, id domain.OrganizationID) (app.OrganizationUsage, error) {
		return s.service.SetQuota(ctx, id, q)
	}
}

// usage answers with what a use case returns for the organization.
func (s *Server) usage(
	ctx context.Context, id string, perform func(context.Context, domain.OrganizationID) (app.OrganizationUsage, error),
) (*usageOutput, error) {
	c, err := s.command(ctx, id, "")
	if err != nil {
		return nil, err
	}
	u, err := perform(ctx, c.Organization)
	if err != nil {
		return nil, s.operatorProblem(ctx, err)
	}
	return &usageOutput{RepresentUsage(u)}, nil
}

func usageOperation() huma.Operation {
	return forOperators(opUsage, http.MethodGet, pathUsage, "Get how much an organization holds",
		"As it was measured in the last 10 minutes, or now. Also of a suspended organization, and of a deleted one that is kept.",
		"Its usage.", onUsage)
}

func setQuotaOperation() huma.Operation {
	return forOperators(opSetQuota, http.MethodPut, pathQuota, "Give an organization a quota of its own",
		"In place of QUOTA_DOCUMENTS and QUOTA_BYTES. It is in force at once where it was set, and within 10 seconds elsewhere. What is there already stays.",
		"Its usage.", onUsage, withStrictBody, describeInvalid("body.documents", "must be a whole number, 0 for no bound"))
}

func unsetQuotaOperation() huma.Operation {
	return forOperators(opUnsetQuota, http.MethodDelete, pathQuota, "Let the deployment's quota apply to an organization again",
		"One that has none of its own stays so.", "Its usage.", onUsage)
}

// onUsage describes what every route about usage can meet.
func onUsage(op *huma.Operation) {
	describeProblem(noSuchID)(op)
	failing(domain.ErrOperationInProgress)(op)
}

package app

import (
	"context"
	"errors"
	"slices"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// ListLimit is how many organizations ListOrganizations returns at most.
const ListLimit = 200

// ListOrganizations returns the organizations that the query selects, at most
// ListLimit. Without statuses it leaves purged ones out, of which only records are
// left. What a crash interrupted is shown as it stands, and left to the reconciler.
//
// Errors: domain.ErrStoreUnavailable.
func (s *Service) ListOrganizations(ctx context.Context, q ports.OrganizationQuery) ([]domain.Organization, error) {
	if q.Limit <= 0 || q.Limit > ListLimit {
		q.Limit = ListLimit
	}
	if len(q.Statuses) == 0 {
		q.Statuses = slices.DeleteFunc(domain.Statuses(), func(s domain.Status) bool { return s == domain.StatusPurged })
	}
	return s.directory.List(ctx, q)
}

// OrganizationDetails is an organization with its owner's email.
type OrganizationDetails struct {
	Organization domain.Organization
	// AdminEmail is zero when there is no owner any more, or not yet.
	AdminEmail domain.Email
}

// InspectOrganization returns the organization of any status.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrStoreUnavailable.
func (s *Service) InspectOrganization(ctx context.Context, id domain.OrganizationID) (OrganizationDetails, error) {
	o, err := s.organizations.ByID(ctx, id)
	if err != nil {
		return OrganizationDetails{}, err
	}
	owner, err := s.accounts.ByID(ctx, o.Owner)
	if err != nil && !errors.Is(err, domain.ErrAccountNotFound) {
		return OrganizationDetails{}, err
	}
	return OrganizationDetails{Organization: o, AdminEmail: owner.Email}, nil
}

package app

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// GetOrganization returns the live organization of that name, in whatever case,
// width and spacing the name is written. An organization whose creation or
// deletion has begun is not there.
//
// Errors: an invalid-request *domain.Error, domain.ErrOrganizationNotFound,
// domain.ErrStoreUnavailable.
func (s *Service) GetOrganization(ctx context.Context, name string) (domain.Organization, error) {
	n, err := domain.ParseName(name)
	if err != nil {
		return domain.Organization{}, err
	}
	return s.visible(ctx, n.Key())
}

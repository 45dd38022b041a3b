package app

import (
	"context"

	"github.com/orgkeeper/orgkeeper/domain"
)

// performDelete drops the namespace with all its data, then frees the owner's
// email.
func (s *Service) performDelete(ctx context.Context, o domain.Organization) (domain.Organization, error) {
	storage, err := s.storage(o.Placement)
	if err != nil {
		return o, err
	}
	if err := storage.Drop(ctx, o.Placement); err != nil {
		return o, err
	}
	if err := s.accounts.Delete(ctx, o.Owner); err != nil {
		return o, err
	}
	return o.Finish(s.now())
}

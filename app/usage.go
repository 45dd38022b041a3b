package app

import (
	"context"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// OrganizationUsage is how much an organization holds, and how much it may hold.
type OrganizationUsage struct {
	domain.Usage
	// MeasuredAt is when it held so much.
	MeasuredAt time.Time
	// Quota is in force; Own says that it is the organization's own, and not the
	// deployment's.
	Quota domain.Quota
	Own   bool
}

// Figures of usage.
const (
	// UsageAge is how old a measurement may be for a read of the usage.
	UsageAge = 10 * time.Minute
	// measureTimeout bounds a measurement. It is not bound by the request that asked
	// first: others wait for it, and it would never end where it takes longer than a
	// request may.
	measureTimeout = time.Minute
)

// OrganizationUsage returns how much the organization holds. It measures only when
// nothing was measured in the last 10 minutes (UsageAge), by whatever process. It serves
// every organization that has data: also a suspended one, and a deleted one that is kept.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrOperationInProgress,
// domain.ErrStoreUnavailable.
func (s *Service) OrganizationUsage(ctx context.Context, id domain.OrganizationID) (OrganizationUsage, error) {
	if err := s.holds(ctx, id); err != nil {
		return OrganizationUsage{}, err
	}
	record, err := s.usages.ByOrganization(ctx, id)
	if err != nil {
		return OrganizationUsage{}, err
	}
	if !s.fresh(record.MeasuredAt, UsageAge) {
		if record, err = s.measureOnce(ctx, id); err != nil {
			return OrganizationUsage{}, err
		}
	}
	quota := s.quotaIn(record)
	return OrganizationUsage{Usage: record.Usage, MeasuredAt: record.MeasuredAt, Quota: quota, Own: record.Quota != nil}, nil
}

// SetQuota gives the organization a quota of its own, or with nil the deployment's again,
// and returns its usage. It is in force in this process when it returns, and in others
// within 10 seconds. What the organization holds already stays.
//
// Errors: an invalid-request *domain.Error, those of OrganizationUsage.
func (s *Service) SetQuota(ctx context.Context, id domain.OrganizationID, q *domain.Quota) (OrganizationUsage, error) {
	if q != nil {
		if _, err := domain.NewQuota(q.Documents, q.Bytes); err != nil {
			return OrganizationUsage{}, err
		}
	}
	if err := s.holds(ctx, id); err != nil {
		return OrganizationUsage{}, err
	}
	if err := s.usages.SetQuota(ctx, id, q); err != nil {
		return OrganizationUsage{}, err
	}
	m := s.meters.take(id)
	m.forgetQuota()
	s.meters.give(m)
	usage, err := s.OrganizationUsage(ctx, id)
	if errors.Is(err, domain.ErrOrganizationNotFound) { // It was purged meanwhile.
		err = errors.Join(err, s.usages.Remove(ctx, id))
	}
	return usage, err
}

// holds returns ErrOrganizationNotFound unless the organization has data.
func (s *Service) holds(ctx context.Context, id domain.OrganizationID) error {
	o, err := s.organizations.ByID(ctx, id)
	if err != nil {
		return err
	}
	return hasData(o)
}

// quotaIn returns the quota that is in force by the record.
func (s *Service) quotaIn(r domain.UsageRecord) domain.Quota {
	if r.Quota != nil {
		return *r.Quota
	}
	return s.options.Quota
}

// fresh reports whether a time isn't zero and not further away than age. One that is to
// come is from a clock that was set back.
func (s *Service) fresh(t time.Time, age time.Duration) bool {
	passed := s.now().Sub(t)
	return !t.IsZero() && passed >= 0 && passed < age
}

// measureOnce measures, unless somebody has while it waited for the turn.
func (s *Service) measureOnce(ctx context.Context, id domain.OrganizationID) (domain.UsageRecord, error) {
	m := s.meters.take(id)
	defer s.meters.give(m)
	if err := m.begin(ctx); err != nil {
		return domain.UsageRecord{}, err
	}
	defer m.end()
	record, err := s.usages.ByOrganization(ctx, id)
	if err != nil || s.fresh(record.MeasuredAt, UsageAge) {
		return record, err
	}
	measured, err := s.measureUsage(ctx, id)
	record.Usage, record.MeasuredAt = measured.Usage, measured.at
	return record, err
}

// measurement is what was measured of an organization's documents.
type measurement struct {
	domain.Usage
	at time.Time
	// size is ports.Storage.Size of where the documents are.
	size func(domain.Document) int64
}

// measureUsage counts what the organization holds, and writes it down. A store that is
// only read needn't keep it.
func (s *Service) measureUsage(ctx context.Context, id domain.OrganizationID) (measurement, error) {
	found, err := s.countUsage(ctx, id)
	if err != nil {
		return measurement{}, err
	}
	err = s.usages.Measured(context.WithoutCancel(ctx), id, found.Usage, found.at)
	if errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return found, err
}

// countUsage counts what the organization holds. A measurement proves nothing when the
// documents have been moved away under it, so it looks afterwards whether they are where
// they were.
func (s *Service) countUsage(ctx context.Context, id domain.OrganizationID) (measurement, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), measureTimeout)
	defer cancel()
	d := &Documents{service: s, organization: id, permit: hasData}
	var found measurement
	err := d.within(ctx, reading, func(_ ports.Documents, at ports.Place) error {
		storage, err := s.storage(at.Placement)
		if err != nil {
			return err
		}
		found = measurement{at: s.now(), size: storage.Size}
		if found.Usage, err = storage.Inventory.Measure(ctx, at.Placement); err != nil {
			return err
		}
		info, err := storage.Namespaces.Stat(ctx, at.Placement)
		if err == nil && info.Identity != at.Identity {
			err = domain.ErrNamespaceMissing
		}
		return err
	})
	if err != nil {
		return measurement{}, err
	}
	if found.size == nil {
		found.size = textSize
	}
	return found, nil
}

// textSize is the size of a document where the engine keeps its body's text.
func textSize(d domain.Document) int64 { return int64(len(d.Body.String())) }

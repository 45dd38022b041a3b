package app

import (
	"context"
	"errors"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Bounds of what is asked of documents at once.
const (
	// DocumentListLimit is how many documents a list has at most.
	DocumentListLimit = 1000
	// DocumentScanLimit is how many documents are looked at for one list with a filter.
	DocumentScanLimit = 10_000
	// DocumentListBytes is how many bytes the bodies in a list have at most, the last one
	// left out.
	DocumentListBytes = 4 << 20
	// DocumentBatchLimit is how many writes a batch has at most.
	DocumentBatchLimit = 1000
)

// Documents reads and writes the documents of one organization, wherever they are kept
// and while they are moved. It reaches no other organization's, and nothing once the
// organization is suspended or deleted. It is safe for use by many goroutines and may be
// kept for as long as one likes.
//
// Every method can return domain.ErrOrganizationNotFound, domain.ErrSuspended, and
// domain.ErrStoreUnavailable; one that writes also domain.ErrOperationInProgress when a
// move doesn't come to its end within 10 s of the time in which nobody writes.
type Documents struct {
	service      *Service
	organization domain.OrganizationID
	// permit says whether the documents may be read and written in the organization's
	// status.
	permit func(domain.Organization) error
	// seen, if any, is the organization as a request has just read it.
	seen *domain.Organization
}

// Documents returns the documents of the organization.
//
// Errors: domain.ErrOrganizationNotFound, domain.ErrSuspended,
// domain.ErrStoreUnavailable.
func (s *Service) Documents(ctx context.Context, id domain.OrganizationID) (*Documents, error) {
	d := &Documents{service: s, organization: id, permit: inUse}
	if _, err := d.current(ctx, false); err != nil {
		return nil, err
	}
	return d, nil
}

// DocumentsOf returns the documents of the session's organization, for the request that
// the session is of.
func (s *Service) DocumentsOf(who Session) *Documents {
	return &Documents{service: s, organization: who.Organization.ID, permit: inUse, seen: &who.Organization}
}

// Get returns the document. Error: domain.ErrDocumentNotFound.
func (d *Documents) Get(ctx context.Context, id domain.DocumentID) (domain.Document, error) {
	id, err := domain.ParseDocumentID(string(id))
	if err != nil {
		return domain.Document{}, err
	}
	var found domain.Document
	err = d.within(ctx, reading, func(store ports.Documents, at ports.Place) (err error) {
		found, err = store.Get(ctx, at, id)
		return err
	})
	return found, err
}

// List returns documents in an order of their IDs that never changes, those after the
// given one, that have what the filter says: at most limit, at most DocumentListLimit,
// and at most DocumentListBytes. With a filter it looks at DocumentScanLimit documents at
// most.
//
// Errors: an invalid-request *domain.Error, domain.ErrFilterTooBroad.
func (d *Documents) List(
	ctx context.Context, after domain.DocumentID, filter []domain.Equal, limit int,
) (page ports.DocumentPage, err error) {
	if limit < 1 || limit > DocumentListLimit {
		return page, domain.Invalid("limit", "must be a whole number from 1 to 1000")
	}
	q := ports.DocumentQuery{After: after, Filter: filter, Limit: limit, Bytes: DocumentListBytes, Scan: DocumentScanLimit}
	err = d.within(ctx, reading, func(store ports.Documents, at ports.Place) (err error) {
		page, err = store.List(ctx, at, q)
		return err
	})
	return page, err
}

// Count returns the number of documents.
func (d *Documents) Count(ctx context.Context) (n int64, err error) {
	err = d.within(ctx, reading, func(store ports.Documents, at ports.Place) (err error) {
		n, err = store.Count(ctx, at)
		return err
	})
	return n, err
}

// placeAttempts is how often a call looks anew for where the documents are.
const placeAttempts = 6

// placePause is how long it waits before it does; each time twice as long.
const placePause = 5 * time.Millisecond

// use is what documents are wanted for.
type use bool

const (
	reading use = false
	writing use = true
)

// within calls work with the place where the documents are. When work doesn't find
// them there any more, it is called again with where they are now.
func (d *Documents) within(ctx context.Context, use use, work func(store ports.Documents, at ports.Place) error) error {
	s := d.service
	pause := placePause
	for attempt := range placeAttempts {
		o, err := d.usable(ctx, use, attempt > 0)
		if err != nil {
			return err
		}
		places, err := s.places(ctx, o, use)
		if err != nil && !errors.Is(err, domain.ErrNamespaceMissing) {
			return err
		}
		for _, at := range places {
			storage, err := s.storage(at.Placement)
			if err == nil {
				err = work(storage.Documents, at)
			}
			if !errors.Is(err, domain.ErrNamespaceMissing) {
				return err
			}
		}
		s.identities.forget(o.ID)
		if attempt > 0 { // The first time the organization may just be an old one.
			if err := s.wait(ctx, pause); err != nil {
				return err
			}
			pause *= 2
		}
	}
	return domain.ErrStoreUnavailable.Because(errNoPlace)
}

var errNoPlace = errors.New("app: the organization's documents are not where its placement says")

// usable returns the organization once its documents may be used so: nobody writes while
// a move switches.
func (d *Documents) usable(ctx context.Context, use use, anew bool) (domain.Organization, error) {
	o, err := d.current(ctx, anew)
	if err != nil || use == reading || o.Placement.State != domain.PlacementFrozen {
		return o, err
	}
	d.service.awaitThaw(ctx, o.ID)
	if ctx.Err() == nil {
		o, err = d.current(ctx, true)
	}
	if err == nil && o.Placement.State == domain.PlacementFrozen {
		err = domain.ErrOperationInProgress.Saying("The organization's documents are being moved. Try again in a moment.")
	}
	return o, err
}

// current returns the organization if its documents may be used now.
func (d *Documents) current(ctx context.Context, anew bool) (domain.Organization, error) {
	var o domain.Organization
	if d.seen != nil && !anew {
		o = *d.seen
	} else {
		var err error
		if o, err = d.service.organizations.ByID(ctx, d.organization); err != nil {
			return o, err
		}
		o = d.service.settle(ctx, o)
	}
	return o, d.permit(o)
}

// inUse permits the organization's own use.
func inUse(o domain.Organization) error {
	switch o.Status {
	case domain.StatusActive:
		return nil
	case domain.StatusSuspended:
		return domain.ErrSuspended
	default:
		return domain.ErrOrganizationNotFound
	}
}

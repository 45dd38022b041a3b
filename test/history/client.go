package history

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/google/uuid"

	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
)

// client does one thing after the other, and records what it was told.
type client struct {
	*recorder
	// complain is told what nobody should be told.
	complain func(format string, args ...any)
	number   int
	services []*app.Service
	names    []string
	random   *rand.Rand
}

// act does something by chance, through one of the processes.
func (c *client) act(ctx context.Context) {
	s := c.services[c.random.IntN(len(c.services))]
	name := c.names[c.random.IntN(len(c.names))]
	switch dice := c.random.IntN(100); {
	case dice < 45:
		c.get(ctx, s, name)
	case dice < 62:
		c.create(ctx, s, name)
	case dice < 80:
		c.rename(ctx, s, name)
	case dice < 92:
		c.delete(ctx, s)
	default:
		c.restore(ctx, s, name)
	}
}

func (c *client) get(ctx context.Context, s *app.Service, name string) {
	called := c.now()
	switch o, err := s.GetOrganization(ctx, name); {
	case err == nil:
		c.add(c.number, called, event{name, found, string(o.ID)})
	case errors.Is(err, domain.ErrOrganizationNotFound):
		c.add(c.number, called, event{name, absent, ""})
	default:
		c.unless(err, domain.ErrStoreUnavailable)
	}
}

func (c *client) create(ctx context.Context, s *app.Service, name string) {
	id := uuid.Must(uuid.NewV7()).String()
	called := c.now()
	_, err := s.CreateOrganization(ctx, app.CreateOrganization{
		Name: name, Email: fmt.Sprintf("%s@acme.example", id), Password: domain.NewSecret("correct horse"),
		Operation: domain.OperationID(id),
	})
	if c.given(err, called, id, name, "") {
		c.know(id)
	}
}

// given records what came of asking for a name, in place of another one if there is
// one, and reports whether it may have been given.
func (c *client) given(err error, called int64, id, name, former string) bool {
	switch {
	case err == nil:
		c.add(c.number, called, append(leaving(former, leave, id), event{name, hold, id}, event{name, goLive, id})...)
	case errors.Is(err, domain.ErrNameTaken):
		c.add(c.number, called, event{name, conflict, ""})
		return false
	case errors.Is(err, domain.ErrStoreUnavailable):
		c.add(c.number, called, append(leaving(former, mayLeave, id), event{name, mayHold, id}, event{name, mayGoLive, id})...)
	default:
		c.unless(err, domain.ErrOperationInProgress, domain.ErrPreconditionFailed, domain.ErrStatus)
		return false
	}
	return true
}

func leaving(former string, how kind, id string) []event {
	if former == "" {
		return nil
	}
	return []event{{former, how, id}}
}

// seen returns one of the organizations as it is, and a command that acts on it if
// nobody changes it before.
func (c *client) seen(ctx context.Context, s *app.Service) (domain.Organization, app.Command, bool) {
	id := c.pick(c.random.IntN)
	if id == "" {
		return domain.Organization{}, app.Command{}, false
	}
	d, err := s.InspectOrganization(ctx, domain.OrganizationID(id))
	if err != nil {
		c.unless(err, domain.ErrStoreUnavailable, domain.ErrOrganizationNotFound)
		return domain.Organization{}, app.Command{}, false
	}
	o := d.Organization
	return o, app.Command{Organization: o.ID, IfVersion: o.Version}, true
}

func (c *client) rename(ctx context.Context, s *app.Service, name string) {
	o, command, ok := c.seen(ctx, s)
	if !ok || o.Name.String() == name {
		return
	}
	called := c.now()
	_, err := s.UpdateByOperator(ctx, command, app.Change{Name: &name})
	c.given(err, called, string(o.ID), name, o.Name.String())
}

func (c *client) delete(ctx context.Context, s *app.Service) {
	o, command, ok := c.seen(ctx, s)
	if !ok {
		return
	}
	called := c.now()
	switch _, err := s.DeleteByOperator(ctx, command); {
	case err == nil:
		c.add(c.number, called, event{o.Name.String(), leave, string(o.ID)})
	case errors.Is(err, domain.ErrStoreUnavailable):
		c.add(c.number, called, event{o.Name.String(), mayLeave, string(o.ID)})
	default:
		c.unless(err, domain.ErrOperationInProgress, domain.ErrPreconditionFailed, domain.ErrStatus)
	}
}

func (c *client) restore(ctx context.Context, s *app.Service, name string) {
	o, command, ok := c.seen(ctx, s)
	if !ok || o.Status != domain.StatusDeleted {
		return
	}
	called := c.now()
	_, err := s.RestoreOrganization(ctx, command, name)
	c.given(err, called, string(o.ID), name, "")
}

// unless complains about an error that is none of the wanted ones.
func (c *client) unless(err error, wanted ...error) {
	for _, w := range wanted {
		if errors.Is(err, w) {
			return
		}
	}
	c.complain("client %d was told: %v", c.number, err)
}

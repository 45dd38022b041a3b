package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

var (
	errWhich     = WrongUsage(errors.New("say which organization: its ID, or --name and its name"))
	errAmbiguous = WrongUsage(errors.New("several deleted organizations had this name: say which by its ID (organizations list --status deleted)"))
)

// findPage is how many organizations a search by name reads at once.
const findPage = 200

// target is how a command names its organization: by an ID or by --name.
type target struct {
	name string
	// deleted says that the command is about deleted organizations: a name means one
	// of those, and not who has it today.
	deleted bool
}

// addTo gives the command the flag.
func (t *target) addTo(cmd *cobra.Command, open Open) {
	cmd.Flags().StringVarP(&t.name, "name", "n", "", "the organization's name, instead of its ID")
	_ = cmd.RegisterFlagCompletionFunc("name", completeNames(open, t.statuses())) // The flag is there: it was made above.
}

// statuses are those that a name is looked for in, besides live ones.
func (t *target) statuses() []domain.Status {
	if t.deleted {
		return []domain.Status{domain.StatusDeleted}
	}
	return nil
}

// take returns the arguments behind the one that names the organization.
func (t *target) take(args []string, more int) (id domain.OrganizationID, rest []string, err error) {
	if t.name == "" && len(args) > 0 {
		id, args = domain.OrganizationID(args[0]), args[1:]
	}
	if len(args) != more || id == "" && t.name == "" {
		return "", nil, errWhich
	}
	return id, args, nil
}

// on runs work on the organization that has the ID or, where that is "", the name.
func (t *target) on(
	cmd *cobra.Command, open Open, access Access, id domain.OrganizationID,
	work func(ctx context.Context, s Store, o domain.Organization) error,
) error {
	return with(cmd, open, access, func(ctx context.Context, s Store) error {
		o, err := t.find(ctx, s, id)
		if err != nil {
			return err
		}
		return work(ctx, s, o)
	})
}

// find returns the organization that has the ID or, where that is "", the name.
func (t *target) find(ctx context.Context, s Store, id domain.OrganizationID) (domain.Organization, error) {
	if id != "" {
		o, err := s.Organizations.ByID(ctx, id)
		if errors.Is(err, domain.ErrOrganizationNotFound) {
			err = &domain.Error{Code: domain.CodeOrganizationNotFound, Message: "No organization with this ID exists."}
		}
		return o, err
	}
	name, err := domain.ParseName(t.name)
	if err != nil {
		return domain.Organization{}, err
	}
	if !t.deleted {
		o, err := s.Organizations.ByNameKey(ctx, name.Key())
		if err == nil && o.Name.Key() == name.Key() {
			return o, nil
		}
		if err != nil && !errors.Is(err, domain.ErrOrganizationNotFound) {
			return o, err
		}
	}
	return deletedByName(ctx, s, name.Key())
}

// deletedByName returns the one deleted organization that had the name.
func deletedByName(ctx context.Context, s Store, key string) (domain.Organization, error) {
	var found domain.Organization
	q := ports.OrganizationQuery{Statuses: []domain.Status{domain.StatusDeleted}, NameKeyPrefix: key, Limit: findPage}
	for {
		page, err := s.Directory.List(ctx, q)
		if err != nil {
			return found, err
		}
		for _, o := range page {
			switch {
			case o.Name.Key() != key:
			case found.ID != "":
				return found, errAmbiguous
			default:
				found = o
			}
		}
		if len(page) < findPage {
			break
		}
		q.After = page[len(page)-1].ID
	}
	if found.ID == "" {
		return found, domain.ErrOrganizationNotFound
	}
	return found, nil
}

func statusOf(s string) (domain.Status, error) {
	if !slices.Contains(domain.Statuses(), domain.Status(s)) {
		return "", WrongUsage(errors.New("--status must be provisioning, active, suspended, deleted or purged"))
	}
	return domain.Status(s), nil
}

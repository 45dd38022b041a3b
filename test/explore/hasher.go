package explore

import (
	"context"
	"fmt"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/cleartoken"
)

// hasher makes hashes in no time. One of an earlier generation is outdated.
type hasher struct{ generation int }

// generation returns the one in force for a process: hashes from before the actors are
// outdated.
func generation(index int) int {
	if index == firstOwner || index == secondOwner {
		return 0
	}
	return 1
}

func (h hasher) encode(p domain.Password, generation int) domain.PasswordHash {
	return domain.NewPasswordHash(fmt.Sprintf("%d:%s", generation, p.Reveal()))
}

func (h hasher) Hash(_ context.Context, p domain.Password) (domain.PasswordHash, error) {
	return h.encode(p, h.generation), nil
}

func (h hasher) Verify(_ context.Context, p domain.Password, hash domain.PasswordHash) (ports.Verdict, error) {
	for g := range h.generation + 1 {
		if hash == h.encode(p, g) {
			return ports.Verdict{Match: true, Outdated: g != h.generation}, nil
		}
	}
	return ports.Verdict{}, nil
}

// token returns an access token of the organization's owner.
func token(o domain.Organization, account domain.Account) (string, error) {
	return cleartoken.Tokens{}.Issue(ports.Claims{
		ID: "token", Account: account.ID, Organization: o.ID, Epoch: o.Epoch + account.Epoch,
		IssuedAt: epoch, ExpiresAt: epoch.Add(year),
	})
}

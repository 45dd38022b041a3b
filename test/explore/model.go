package explore

import (
	"slices"
	"strings"

	"github.com/orgkeeper/orgkeeper/domain"
)

// model is what the outside knows of the organizations: the two that may be there
// from the beginning, and the one that each actor may create.
type model [2 + maxActors]standing

// maxActors is how many actors a scenario has at most.
const maxActors = 3

// standing is one organization, zero when it isn't there or no more than a tombstone.
type standing struct {
	status      domain.Status
	name, email string
	hold        bool
	// due says of a deleted one that its time is over.
	due bool
	// revoked says that the tokens from the beginning are dead.
	revoked bool
	// moved says that its documents are where those of others are.
	moved bool
}

// live reports whether it holds its name.
func (s standing) live() bool { return s.status.Live() }

// free reports whether nobody but the organization at self has the name or the email.
// "" is nobody's.
func (m *model) free(self int, name, email string) bool {
	return !slices.ContainsFunc([]int{0, 1, 2, 3, 4}, func(i int) bool {
		s := m[i]
		return i != self && (s.live() && name != "" && strings.EqualFold(s.name, name) ||
			s.status != "" && email != "" && strings.EqualFold(s.email, email))
	})
}

// wish changes the model as the actor wants it, which has the place of its own among
// the organizations. It reports whether that is possible.
type wish func(m *model, own int) bool

func wishNothing(*model, int) bool { return true }

func wishCreate(name, email string) wish {
	return func(m *model, own int) bool {
		want := standing{status: domain.StatusActive, name: name, email: email}
		if m[own] == want {
			return true // asked for twice, under one key
		}
		if m[own].status != "" || !m.free(own, name, email) {
			return false
		}
		m[own] = want
		return true
	}
}

func wishUpdate(which int, name, email string) wish {
	return func(m *model, _ int) bool {
		s := &m[which]
		if s.status != domain.StatusActive || s.revoked || !m.free(which, name, email) {
			return false
		}
		s.name = name
		if email != "" {
			s.email = email
		}
		return true
	}
}

func wishDelete(which int, name string, keep bool) wish {
	return func(m *model, _ int) bool {
		s := &m[which]
		switch {
		case s.status != domain.StatusActive || s.revoked || !strings.EqualFold(s.name, name):
			return false
		case keep || s.hold:
			s.status, s.due, s.revoked = domain.StatusDeleted, !keep, true
		default:
			*s = standing{}
		}
		return true
	}
}

func wishRestore(name string) wish {
	return func(m *model, _ int) bool {
		s, wanted := &m[0], name
		if wanted == "" {
			wanted = s.name
		}
		if s.status != domain.StatusDeleted || !m.free(0, wanted, "") {
			return false
		}
		s.status, s.name, s.due = domain.StatusActive, wanted, false
		return true
	}
}

func wishPurge(m *model, _ int) bool {
	if m[0].status != domain.StatusDeleted || m[0].hold {
		return false
	}
	m[0] = standing{}
	return true
}

func wishSuspend(m *model, _ int) bool {
	if !m[0].live() {
		return false
	}
	m[0].status = domain.StatusSuspended
	return true
}

func wishMove(m *model, _ int) bool {
	if !m[0].live() {
		return false
	}
	m[0].moved = true
	return true
}

func wishHold(m *model, _ int) bool {
	if m[0].status == "" {
		return false
	}
	m[0].hold = true
	return true
}

// wishDue purges what is kept no longer.
func wishDue(m *model, _ int) bool {
	for i := range m {
		if s := m[i]; s.status == domain.StatusDeleted && s.due && !s.hold {
			m[i] = standing{}
		}
	}
	return true
}

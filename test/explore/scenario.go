package explore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// scenario is what is there at the beginning, and who acts then.
type scenario struct {
	beginning string
	roles     []string
}

func (s scenario) String() string { return s.beginning + ": " + strings.Join(s.roles, ", ") }

// parseScenario reads what String has written.
func parseScenario(text string) (s scenario, err error) {
	beginning, names, _ := strings.Cut(text, ":")
	s.beginning = strings.TrimSpace(beginning)
	for name := range strings.SplitSeq(names, ",") {
		s.roles = append(s.roles, strings.TrimSpace(name))
		if _, ok := roles[s.roles[len(s.roles)-1]]; !ok {
			return s, fmt.Errorf("no role %q; there are %v", name, slices.Sorted(maps.Keys(roles)))
		}
	}
	if _, ok := beginnings[s.beginning]; !ok || len(s.roles) > maxActors {
		return s, fmt.Errorf("no beginning %q, or more than %d roles", beginning, maxActors)
	}
	return s, nil
}

// beginnings say who acts before the actors, by itself.
var beginnings = map[string][]role{
	"empty": nil,
	"live":  {founding},
	"kept":  {founding, retiring(year)},
	"due":   {founding, retiring(time.Minute)},
	"two":   {founding, {name: "found a second", run: create(globex, globexEmail)}},
}

var founding = role{name: "found", run: create(acme, acmeEmail)}

func retiring(retention time.Duration) role {
	return role{name: "retire", retention: retention, run: remove(0, acme)}
}

// newExplorer returns an explorer at the beginning of the scenario.
func newExplorer(ctx context.Context, m *machine, s scenario) (*explorer, situation, error) {
	start := situation{current: -1}
	var acting []role
	for _, name := range s.roles {
		acting = append(acting, roles[name])
	}
	w, c, err := newWorld(ctx, m, acting)
	if err != nil {
		return nil, start, err
	}
	e := &explorer{world: w, scenario: s, walked: map[situation]uint64{}, judged: map[judgedKey]bool{}}
	for _, r := range beginnings[s.beginning] {
		if c, err = w.alone(ctx, c, r); err != nil {
			return nil, start, fmt.Errorf("%s: %w", r.name, err)
		}
	}
	start.content = c.id
	if e.first, err = w.before(ctx, c); err != nil {
		return nil, start, err
	}
	return e, start, nil
}

// alone lets an actor act by itself. The organization that it creates is the next of
// those that all know.
func (w *world) alone(ctx context.Context, c *content, r role) (*content, error) {
	index := firstOwner
	if w.brief.first != "" {
		index = secondOwner
	}
	p := start(ctx, r, index, &w.brief)
	defer p.stop()
	p.now = epoch
	for next, ok := p.next(); ok; next, ok = p.next() {
		e, err := w.execute(ctx, c, next)
		if err != nil {
			return nil, err
		}
		c, p.reply = e.after, e.reply
	}
	if p.err != nil {
		return nil, p.err
	}
	return c, w.introduce(ctx)
}

// introduce tells all who is there.
func (w *world) introduce(ctx context.Context) error {
	for i, key := range []string{strings.ToLower(acme), strings.ToLower(globex)} {
		o, err := w.ports.Organizations.ByNameKey(ctx, key)
		if err != nil {
			continue // It isn't there yet, or was deleted.
		}
		account, err := w.ports.Accounts.ByID(ctx, o.Owner)
		if err != nil {
			return err
		}
		if w.brief.tokens[i], err = token(o, account); err != nil {
			return err
		}
		if i == 0 {
			w.brief.first = o.ID
		} else {
			w.brief.second = o.ID
		}
	}
	return nil
}

// before returns the model of what is there at the beginning.
func (w *world) before(ctx context.Context, c *content) (m model, err error) {
	if err := w.hold(ctx, c.image); err != nil {
		return m, err
	}
	for i, id := range []domain.OrganizationID{w.brief.first, w.brief.second} {
		if id == "" {
			continue
		}
		o, err := w.ports.Organizations.ByID(ctx, id)
		if err != nil {
			return m, err
		}
		m[i], _ = w.standing(ctx, o)
	}
	return m, nil
}

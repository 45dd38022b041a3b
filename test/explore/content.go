package explore

import (
	"context"
	"fmt"
)

// content is a content of the store that some schedule has led to, with the ledger
// of what was before.
type content struct {
	id     int32
	image  image
	ledger *ledger
}

// contentKey tells contents apart.
type contentKey struct {
	// store has the addresses of the image's tables.
	store  string
	ledger fingerprint
}

// effect is what a call does to a content.
type effect struct {
	reply answer
	mark  fingerprint
	after *content
}

// effectKey is a call at a content.
type effectKey struct {
	content int32
	call    fingerprint
}

// settle returns the content that the machine holds.
func (m *machine) settle(ctx context.Context, l *ledger) (*content, error) {
	i, err := m.save(ctx)
	if err != nil {
		return nil, err
	}
	m.loaded = i
	key := contentKey{fmt.Sprint(i), identify(answer{value: *l})}
	c, ok := m.known[key]
	if !ok {
		c = &content{id: int32(len(m.contents)), image: i, ledger: l}
		m.contents = append(m.contents, c)
		m.known[key] = c
	}
	return c, nil
}

// hold brings the machine to a content.
func (m *machine) hold(ctx context.Context, i image) error {
	from := m.loaded
	m.loaded = i
	return m.load(ctx, from, i)
}

// do makes the call that the actor at the place is about to make.
func (m *machine) do(ctx context.Context, c *content, p *place) (effect, error) {
	key := effectKey{c.id, p.asks}
	if e, ok := m.effects[key]; ok {
		return e, nil
	}
	if err := m.hold(ctx, c.image); err != nil {
		return effect{}, err
	}
	e, err := m.execute(ctx, c, p.call)
	if err != nil {
		return e, fmt.Errorf("%s: %w", p.call, err)
	}
	m.effects[key] = e
	return e, nil
}

func (m *machine) execute(ctx context.Context, c *content, next call) (effect, error) {
	m.calls++
	e := effect{reply: next.make(ctx, &m.ports), after: c}
	e.mark = identify(e.reply)
	if !next.writes {
		return e, nil
	}
	l := c.ledger
	var err error
	if e.reply.err == nil {
		if l, err = m.entry(ctx, l, next, e.reply.value); err != nil {
			return e, err
		}
	}
	e.after, err = m.settle(ctx, l)
	return e, err
}

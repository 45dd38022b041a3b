package explore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"

	driversqlite "modernc.org/sqlite"

	"github.com/orgkeeper/orgkeeper/adapters/sqlite"
	"github.com/orgkeeper/orgkeeper/app"
)

// machine is a SQLite store in memory whose whole content can be taken out and put
// back. It is for one goroutine at a time.
type machine struct {
	store *sqlite.Store
	// registry and data are the store's only connections.
	registry, data *connection
	// tables are all that were ever seen, so that equal ones are one.
	tables map[tableKey]*table
	empty  image
	// fixed are the names of the registry's tables.
	fixed []string
	// ports are the store's, or what a plant has made of them.
	ports app.Dependencies

	// reuses leaves it to others to notice that a namespace is given twice.
	reuses bool

	// loaded is what the store holds now.
	loaded image
	// contents are all that any schedule has led to, effects what calls do to them,
	// endings what becomes of them when nobody acts any more.
	contents []*content
	known    map[contentKey]*content
	effects  map[effectKey]effect
	endings  map[int32]ending
	// calls counts those that were made on the store.
	calls int
}

// opened catches the connections of the store that is being opened: the driver shows
// each new one to a hook, the store shows them to nobody.
var opened struct {
	sync.Mutex
	hook  sync.Once
	fresh []*connection
}

// plant puts faults into the ports of a store.
type plant func(m *machine, d app.Dependencies) app.Dependencies

// newMachine opens an empty store. p puts faults into its ports; nil is none.
func newMachine(ctx context.Context, p plant) (*machine, error) {
	opened.Lock()
	defer opened.Unlock()
	opened.hook.Do(func() {
		driversqlite.RegisterConnectionHook(func(c driversqlite.ExecQuerierContext, _ string) error {
			conn, ok := c.(preparer)
			if !ok {
				return errors.New("explore: the driver's connections prepare no statements")
			}
			opened.fresh = append(opened.fresh, &connection{conn, map[string]driver.Stmt{}})
			return nil
		})
	})
	opened.fresh = nil
	store, err := sqlite.Open(ctx, sqlite.Options{Memory: true})
	if err != nil {
		return nil, err
	}
	if len(opened.fresh) != 2 {
		return nil, errors.Join(fmt.Errorf("explore: the store has %d connections", len(opened.fresh)), store.Close())
	}
	m := &machine{
		store: store, registry: opened.fresh[0], data: opened.fresh[1], ports: app.On(store),
		tables: map[tableKey]*table{}, known: map[contentKey]*content{},
		effects: map[effectKey]effect{}, endings: map[int32]ending{},
	}
	if p != nil {
		m.ports = p(m, m.ports)
	}
	m.ports.Structure = structure{}
	m.empty, err = m.save(ctx)
	m.loaded = m.empty
	return m, err
}

func (m *machine) close() error {
	return errors.Join(m.registry.close(), m.data.close(), m.store.Close())
}

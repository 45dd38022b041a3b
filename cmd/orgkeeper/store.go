package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/orgkeeper/orgkeeper/adapters/config"
	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/adapters/sqlite"
	"github.com/orgkeeper/orgkeeper/adapters/telemetry"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/cmd/orgkeeper/internal/cli"
	"github.com/orgkeeper/orgkeeper/ports"
)

// engine is what every adapter of a store offers.
type engine interface {
	ports.Health
	app.Store
}

// store is an open engine, as the rest of the program sees it.
type store struct {
	engine
	// database is where new organizations' namespaces are made.
	database string
	// exclusive says that no other process uses the store, so that whatever
	// operation is pending at start has nobody who runs it.
	exclusive bool
	close     func(ctx context.Context) error
	// description is for people, without credentials.
	description string
}

// openStore opens the engine that the configuration chooses, for what access says.
// observe, if not nil, is called with each call of it.
func openStore(ctx context.Context, c config.Config, access cli.Access, observe telemetry.Observe) (*store, error) {
	switch c.Store {
	case config.StoreSQLite:
		return openSQLite(ctx, c, access, observe)
	case config.StoreMongo:
		return openMongo(ctx, c, access, observe)
	}
	return nil, errors.New("no such store")
}

func openSQLite(ctx context.Context, c config.Config, access cli.Access, observe telemetry.Observe) (*store, error) {
	s, err := sqlite.Open(ctx, sqlite.Options{Dir: c.DataDir, ReadOnly: access == cli.Read, Observe: observe})
	if err != nil {
		return nil, err
	}
	return &store{
		engine:      s,
		database:    "data",
		exclusive:   true,
		close:       func(context.Context) error { return s.Close() },
		description: "SQLite in " + c.DataDir,
	}, nil
}

func openMongo(ctx context.Context, c config.Config, access cli.Access, observe telemetry.Observe) (*store, error) {
	s, err := mongo.Open(ctx, mongo.Options{
		URI: c.MongoURI.Secret, Master: c.MasterDB, Tenant: c.TenantDB, AsIs: access != cli.Change, Observe: observe,
	})
	if err != nil {
		return nil, err
	}
	return &store{
		engine:      s,
		database:    c.TenantDB,
		close:       s.Close,
		description: fmt.Sprintf("MongoDB, registry in %s, organizations' data in %s", c.MasterDB, c.TenantDB),
	}, nil
}

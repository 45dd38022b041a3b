package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/orgkeeper/orgkeeper/adapters/config"
	"github.com/orgkeeper/orgkeeper/adapters/sqlite"
	"github.com/orgkeeper/orgkeeper/cmd/orgkeeper/internal/cli"
	"github.com/orgkeeper/orgkeeper/domain"
)

// openForCommand opens the store of the configuration for a command.
func openForCommand(ctx context.Context, access cli.Access, log io.Writer) (cli.Store, error) {
	c, err := config.Load(envFile)
	if err != nil {
		return cli.Store{}, cli.WrongUsage(err)
	}
	st, err := openStore(ctx, c, access, nil)
	if errors.Is(err, sqlite.ErrLocked) {
		err = fmt.Errorf("%w in %s", cli.ErrServed, c.DataDir)
	}
	if err != nil {
		return cli.Store{}, err
	}
	// No command issues or checks a token, so that none needs the key of those that do.
	key := domain.NewSecret(rand.Text() + rand.Text())
	warnings := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	service, err := newService(c, st, key, &signals{}, warnings)
	if err != nil {
		return cli.Store{}, errors.Join(err, st.close(ctx))
	}
	return cli.Store{
		Service:       service,
		Organizations: st.Organizations(),
		Directory:     st.Directory(),
		Close:         st.close,
	}, nil
}

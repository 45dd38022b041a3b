package mongo

import (
	"context"
	"errors"
	"fmt"
)

// ErrSchemaOlder says that an earlier orgkeeper has written the registry, or none.
// Only Open without Options.AsIs brings it up to date.
var ErrSchemaOlder = errors.New("mongo: the registry is older than this version of the program needs: start the server once")

// checkVersion returns an error unless the registry has the version that this program
// knows. It changes nothing.
func (s *Store) checkVersion(ctx context.Context) error {
	found, err := s.schemaVersion(ctx)
	switch known := len(migrations); {
	case err != nil:
		return err
	case found > known:
		return fmt.Errorf("%w: it has version %d, this program knows version %d", ErrSchemaTooNew, found, known)
	case found < known:
		return fmt.Errorf("%w: it has version %d of %d", ErrSchemaOlder, found, known)
	}
	return nil
}

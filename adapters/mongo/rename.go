package mongo

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/domain"
)

// How sure Rename makes itself before it says that a namespace is gone: it looks so
// many times, with a pause between. Another process may be renaming just now, and a
// listing isn't a snapshot.
const (
	missingLooks = 3
	missingPause = 50 * time.Millisecond
)

var errOtherDatabase = errors.New("mongo: a rename doesn't lead to another database")

// Rename implements ports.Namespaces by renameCollection within the database. It
// never drops what stands under the new name.
func (n *namespaces) Rename(ctx context.Context, identity string, from, to domain.Placement) error {
	db, err := n.place(from, n.strategy)
	if err != nil {
		return err
	}
	if _, err := n.place(to, n.strategy); err != nil {
		return err
	}
	if from.Database != to.Database {
		return errOtherDatabase
	}
	return n.rename(ctx, db, identity, from.Namespace, to.Namespace)
}

// rename gives the collection with the identity, which has the name from or to, the name
// to.
func (s *Store) rename(ctx context.Context, db *driver.Database, identity, from, to string) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	for misses, looks := 0, 0; looks < lookAgain+missingLooks; looks++ {
		there, done, err := isSource(ctx, db, identity, from, to)
		switch {
		case err != nil || done:
			return err
		case !there:
			if misses++; misses == missingLooks {
				return domain.ErrNamespaceMissing
			}
			if err := pause(ctx, missingPause); err != nil {
				return err
			}
			continue
		}
		err = renameCollection(ctx, db, from, db, to)
		if err == nil {
			return nil
		}
		// Another runner was faster, or somebody made or dropped a collection.
		if !hasCode(err, codeNamespaceExists) && !hasCode(err, codeNamespaceNotFound) {
			return translate("rename a collection", err)
		}
	}
	return domain.ErrStoreUnavailable.Because(errRestless)
}

// renameCollection gives a collection another name, unless something has it. In another
// database the server makes a copy.
func renameCollection(ctx context.Context, from *driver.Database, name string, to *driver.Database, newName string) error {
	return from.Client().Database("admin").RunCommand(ctx, command("renameCollection", from.Name()+"."+name,
		bson.E{Key: "to", Value: to.Name() + "." + newName},
		bson.E{Key: "dropTarget", Value: false})).Err()
}

// isSource reports whether the collection with the identity stands under from's
// name, and done if it has to's already.
func isSource(ctx context.Context, db *driver.Database, identity, from, to string) (there, done bool, err error) {
	found, err := look(ctx, db, from, to)
	if err != nil || identity == "" {
		return false, false, err
	}
	if under, exists := found[to]; exists {
		if under.identity() == identity {
			return false, true, nil
		}
		return false, false, domain.ErrNamespaceOccupied
	}
	under, exists := found[from]
	return exists && under.identity() == identity, false, nil
}

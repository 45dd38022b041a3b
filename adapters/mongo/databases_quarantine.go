package mongo

import (
	"context"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/domain"
)

// copyTimeout bounds the copy of one collection to another database.
const copyTimeout = time.Hour

// Quarantine implements ports.Inventory. MongoDB renames no database, but a collection
// into another database, which copies it: its identity changes.
//
// First the documents get, in their own database, the name that the new one will have.
// That decides among several callers, and from then on nobody writes there. Then every
// other collection is renamed to the new database, and the documents last, which get their
// old name there. A database without collections is none. Views and time series stay.
// What is written into another collection while it is copied may be lost.
//
// After a failure on the way, call it again: it goes on with the name that the documents
// have got. On a sharded cluster the server refuses it unless both databases have the same
// primary shard.
func (v *databasesInventory) Quarantine(ctx context.Context, p domain.Placement) (string, error) {
	db, err := v.place(p, v.strategy)
	if err != nil {
		return "", err
	}
	name, err := v.claim(ctx, db, p)
	if err != nil {
		return "", err
	}
	to := p
	to.Namespace = name
	into := v.client.Database(to.OwnDatabase())
	listing, cancel := v.limit(ctx)
	defer cancel()
	found, err := list(listing, db, bson.D{})
	if err != nil {
		return "", err
	}
	for other, o := range found {
		// What stands under the documents' old name by now is a stray of its own.
		// What a move has left stays as well: the move's record says where it is.
		if other == name || other == domain.OwnCollection || other == domain.OwnCollection+domain.LeftSuffix || !o.holdsDocuments() || strings.HasPrefix(other, "system.") {
			continue
		}
		if _, err := v.move(ctx, db, other, into, other); err != nil {
			return "", err
		}
	}
	moved, err := v.move(ctx, db, name, into, domain.OwnCollection)
	if err == nil && !moved {
		err = domain.ErrNamespaceMissing // Another caller has done it.
	}
	if err != nil {
		return "", err
	}
	return name, nil
}

// claim gives the documents the name that their new database will have, unless some have
// such a name already: these come first. It returns domain.ErrNamespaceMissing when another
// caller was faster.
func (v *databasesInventory) claim(ctx context.Context, db *driver.Database, p domain.Placement) (string, error) {
	ctx, cancel := v.limit(ctx)
	defer cancel()
	name, err := claimIn(ctx, db, p)
	if err != nil || name != "" {
		return name, err
	}
	name = quarantined(p)
	switch err := renameCollection(ctx, db, domain.OwnCollection, db, name); {
	case hasCode(err, codeNamespaceNotFound):
		return "", domain.ErrNamespaceMissing
	case err != nil:
		return "", translate("quarantine a database", err)
	}
	return name, nil
}

// claimIn returns the name that a quarantine of p has given its documents in their own
// database, "" if none has.
func claimIn(ctx context.Context, db *driver.Database, p domain.Placement) (string, error) {
	stem := quarantineStem(p)
	found, err := list(ctx, db, bson.D{{Key: "name", Value: startsWith(stem)}})
	if err != nil {
		return "", err
	}
	var names []string
	for name := range found {
		if len(name) == len(stem)+quarantineSuffix {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "", nil
	}
	return slices.Min(names), nil
}

// move renames a collection into another database. It reports whether this call has done
// it: another one may have. The server makes a whole copy before it gives it its name, and
// then drops what it has copied. When both stand, that drop is still to come, or a server
// ended before it.
func (v *databasesInventory) move(ctx context.Context, from *driver.Database, name string, to *driver.Database, newName string) (bool, error) {
	copying, cancel := context.WithTimeout(ctx, copyTimeout)
	defer cancel()
	switch err := renameCollection(copying, from, name, to, newName); {
	case err == nil:
		return true, nil
	case hasCode(err, codeNamespaceNotFound):
		return false, nil
	case !hasCode(err, codeNamespaceExists):
		return false, translate("quarantine a database", err)
	}
	for range missingLooks {
		if err := pause(ctx, missingPause); err != nil {
			return false, err
		}
		looking, cancel := v.limit(ctx)
		found, err := look(looking, from, name)
		cancel()
		if err != nil || len(found) == 0 {
			return false, err
		}
	}
	dropping, cancel := v.limit(ctx)
	defer cancel()
	err := from.RunCommand(dropping, command("drop", name)).Err()
	if hasCode(err, codeNamespaceNotFound) {
		return false, nil
	}
	return err == nil, translate("quarantine a database", err)
}

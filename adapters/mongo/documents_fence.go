package mongo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// errNoFence is for servers that work on a collection whatever UUID a command names.
var errNoFence = errors.New("mongo: documents need a server that checks collectionUUID: MongoDB 6.0 or later")

// fenced is a collection with the UUID that it must have, or a share. The server checks the
// UUID in the step in which it takes the collection for a command, or for a further batch
// of writes of one command.
type fenced struct {
	*Store
	db   *driver.Database
	name string
	uuid bson.Binary
	// share is nil in a collection, and namespace is the share's name.
	share     *share
	namespace string
}

// fenced returns the collection or the share at a place, domain.ErrNamespaceMissing if
// none can be there, or errNoFence.
func (s *Store) fenced(ctx context.Context, at ports.Place) (*fenced, error) {
	db, err := s.place(at.Placement, at.Placement.Strategy)
	if err != nil {
		return nil, err
	}
	if at.Placement.Strategy == domain.StrategyShared {
		return s.fencedShare(db, at)
	}
	c := &fenced{Store: s, db: db, name: at.Placement.Collection()}
	uuid, err := hex.DecodeString(strings.ReplaceAll(at.Identity, "-", ""))
	if err != nil || len(uuid) != 16 || identityOf(uuid) != at.Identity {
		return nil, domain.ErrNamespaceMissing
	}
	if !s.fences.Load() {
		nobodys := make([]byte, 16)
		_, _ = rand.Read(nobodys) // it never fails
		if err := c.prove(ctx, nobodys); err != nil {
			return nil, err
		}
	}
	c.uuid = bson.Binary{Subtype: bson.TypeBinaryUUID, Data: uuid}
	return c, nil
}

// prove asks for a collection with a UUID that none has, which must be refused.
func (c *fenced) prove(ctx context.Context, nobodys []byte) error {
	c.uuid = bson.Binary{Subtype: bson.TypeBinaryUUID, Data: nobodys}
	err := c.db.RunCommand(ctx, c.one(bson.D{}, bson.E{Key: "projection", Value: onlyID})).Err()
	switch {
	case hasCode(err, codeUUIDMismatch):
		c.fences.Store(true)
		return nil
	case err == nil || slices.ContainsFunc(unknownToServer, func(code int) bool { return hasCode(err, code) }):
		return errNoFence
	}
	return translate("look whether collectionUUID is checked", err)
}

// unknownToServer are the codes with which servers refuse a field that they don't know.
var unknownToServer = []int{
	codeBadValue, codeFailedToParse, codeInvalidOptions, codeNotImplemented, codeUnknownField,
}

// majority is the read concern of what is told to a caller.
var majority = bson.E{Key: "readConcern", Value: bson.D{{Key: "level", Value: "majority"}}}

// command returns a command that works on the collection with the UUID alone. In a share
// its filters keep it there.
func (c *fenced) command(name string, more ...bson.E) bson.D {
	if c.share != nil {
		return append(bson.D{{Key: name, Value: c.name}}, more...)
	}
	return append(bson.D{{Key: name, Value: c.name}, {Key: "collectionUUID", Value: c.uuid}}, more...)
}

// one returns the command that finds one document.
func (c *fenced) one(filter bson.D, more ...bson.E) bson.D {
	return c.command("find", append([]bson.E{
		{Key: "filter", Value: filter},
		{Key: "limit", Value: 1},
		{Key: "singleBatch", Value: true},
	}, more...)...)
}

// read returns all that a command finds.
func (c *fenced) read(ctx context.Context, what string, command bson.D) ([]bson.Raw, error) {
	return c.readWhile(ctx, what, command, func(int) bool { return true })
}

// readWhile returns what a command finds, as long as goesOn says so of the bytes so far.
func (c *fenced) readWhile(ctx context.Context, what string, command bson.D, goesOn func(size int) bool) ([]bson.Raw, error) {
	cursor, err := c.db.RunCommandCursor(ctx, command)
	if err != nil {
		return nil, c.failed(what, err)
	}
	defer func() { _ = cursor.Close(ctx) }()
	var found []bson.Raw
	for size := 0; goesOn(size) && cursor.Next(ctx); size += len(cursor.Current) {
		found = append(found, slices.Clone(cursor.Current))
	}
	return found, c.failed(what, cursor.Err())
}

// failed is translate for a command that names a UUID.
func (c *fenced) failed(what string, err error) error {
	if command, ok := errors.AsType[driver.CommandError](err); ok && c.share == nil && slices.Contains(elsewhere, int(command.Code)) {
		return domain.ErrNamespaceMissing.Because(fmt.Errorf("mongo: %s: %w", what, withoutData(err)))
	}
	return translate(what, err)
}

// elsewhere are the codes that say that the collection isn't there, or was renamed or
// dropped while it was read or a document was written.
var elsewhere = []int{codeNamespaceNotFound, codeNotSupportedOnView, codeQueryPlanKilled, codeUUIDMismatch}

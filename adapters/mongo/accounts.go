package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// accounts implements ports.Accounts.
type accounts struct{ *Store }

var _ ports.Accounts = (*accounts)(nil)

// Insert implements ports.Accounts.
func (r *accounts) Insert(ctx context.Context, a domain.Account) error {
	ctx, cancel := r.limit(ctx)
	defer cancel()
	_, err := r.people.InsertOne(ctx, accountRecord(a))
	return accountRefusal("insert an account", err)
}

// ByID implements ports.Accounts.
func (r *accounts) ByID(ctx context.Context, id domain.AccountID) (domain.Account, error) {
	return r.one(ctx, bson.D{{Key: "_id", Value: identifier(id)}})
}

// ByEmailKey implements ports.Accounts.
func (r *accounts) ByEmailKey(ctx context.Context, key string) (domain.Account, error) {
	return r.one(ctx, byEmailKey(key))
}

// byEmailKey returns the filter of a look-up by email.
func byEmailKey(key string) bson.D { return bson.D{{Key: "email_key", Value: key}} }

func (r *accounts) one(ctx context.Context, filter bson.D) (domain.Account, error) {
	ctx, cancel := r.limit(ctx)
	defer cancel()
	var d accountDocument
	switch err := r.people.FindOne(ctx, filter).Decode(&d); {
	case errors.Is(err, driver.ErrNoDocuments):
		return domain.Account{}, domain.ErrAccountNotFound
	case err != nil:
		return domain.Account{}, translate("read an account", err)
	}
	return d.account(), nil
}

// Replace implements ports.Accounts.
func (r *accounts) Replace(ctx context.Context, a domain.Account, ifVersion int64) error {
	ctx, cancel := r.limit(ctx)
	defer cancel()
	update, err := setKnown(accountRecord(a), accountOptional)
	if err != nil {
		return translate("write an account", err)
	}
	result, err := r.people.UpdateOne(ctx, inVersion(identifier(a.ID), ifVersion), update)
	if err == nil && result.MatchedCount == 0 {
		return domain.ErrVersionConflict
	}
	return accountRefusal("write an account", err)
}

// Delete implements ports.Accounts.
func (r *accounts) Delete(ctx context.Context, id domain.AccountID) error {
	ctx, cancel := r.limit(ctx)
	defer cancel()
	_, err := r.people.DeleteOne(ctx, bson.D{{Key: "_id", Value: identifier(id)}})
	return translate("delete an account", err)
}

// accountRefusal says in the port's words why an account was not written.
func accountRefusal(what string, err error) error {
	field, refused := violated(err)
	if !refused || unavailable(err) {
		return translate(what, err)
	}
	switch field {
	case "_id":
		return domain.ErrVersionConflict
	case "email_key":
		return domain.ErrEmailTaken
	}
	return fmt.Errorf("mongo: %s: a unique index on %q, which isn't orgkeeper's, refuses it", what, field)
}

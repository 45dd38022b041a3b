package bench

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// copied returns the copy i of the first organization's record.
func (s *mongoStore) copied(i int) any {
	o := maps.Clone(s.organization)
	key, namespace := fmt.Sprintf("organization %d", i), fmt.Sprintf("org_organization_%d", i)
	o["_id"], o["organization_name"], o["name_key"], o["name_keys"] = fmt.Sprintf("copy-%d", i), organization(i), key, bson.A{key}
	o["collection_name"], o["reserved"] = namespace, bson.A{namespace}
	return o
}

func (s *mongoStore) create(ctx context.Context, i int) error {
	o := s.copied(i).(bson.M)
	a := maps.Clone(s.admin)
	a["_id"], a["email"], a["email_key"] = fmt.Sprintf("account-%d", i), email(i), email(i)
	if _, err := s.get(ctx, o["name_key"].(string)); !errors.Is(err, mongo.ErrNoDocuments) {
		return fmt.Errorf("the name is not free: %w", err)
	}
	if err := s.admins.FindOne(ctx, bson.D{{Key: "email_key", Value: email(i)}}).Err(); !errors.Is(err, mongo.ErrNoDocuments) {
		return fmt.Errorf("the email is not free: %w", err)
	}
	if _, err := s.organizations.InsertOne(ctx, o); err != nil {
		return err
	}
	if _, err := s.admins.InsertOne(ctx, a); err != nil {
		return err
	}
	if err := s.tenant.RunCommand(ctx, catalog("create", o["collection_name"])).Err(); err != nil {
		return err
	}
	return s.touch(ctx, o["_id"], "status", "active")
}

func (s *mongoStore) rename(ctx context.Context, from, to string) error {
	first := s.organization["_id"]
	if err := s.touch(ctx, first, "pending", bson.D{{Key: "to", Value: to}}); err != nil {
		return err
	}
	err := s.tenant.Client().Database("admin").RunCommand(ctx, catalog("renameCollection", s.tenant.Name()+"."+from,
		bson.E{Key: "to", Value: s.tenant.Name() + "." + to})).Err()
	if err != nil {
		return err
	}
	return s.touch(ctx, first, "collection_name", to)
}

// catalog is a command with the program's write concern.
func catalog(name string, argument any, more ...bson.E) bson.D {
	c := append(bson.D{{Key: name, Value: argument}}, more...)
	return append(c, bson.E{Key: "writeConcern", Value: bson.D{{Key: "w", Value: "majority"}, {Key: "j", Value: true}}})
}

// touch is a write by ID and version.
func (s *mongoStore) touch(ctx context.Context, id any, field string, value any) error {
	_, err := s.organizations.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "version", Value: bson.D{{Key: "$gt", Value: 0}}}},
		bson.D{{Key: "$set", Value: bson.D{{Key: field, Value: value}}}, {Key: "$inc", Value: bson.D{{Key: "version", Value: 1}}}})
	return err
}

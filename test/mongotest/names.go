package mongotest

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// nameLength bounds the part of a database's name that comes from the test's name.
const nameLength = 20

// DatabaseName returns a new database name for tb: lower case, legal on every operating system,
// under 40 bytes, never the same twice, and with the end of the test's name in it.
func DatabaseName(tb testing.TB) string {
	tb.Helper()
	legal := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		default:
			return '_'
		}
	}, strings.ToLower(tb.Name()))
	if len(legal) > nameLength {
		legal = legal[len(legal)-nameLength:]
	}
	return "t_" + strings.ToLower(rand.Text()[:12]) + "_" + legal
}

// Database returns a new database name, as [DatabaseName] does, and drops that database at tb's cleanup.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	name := DatabaseName(tb)
	client := s.Connect(tb)
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := client.Database(name).Drop(ctx); err != nil {
			tb.Errorf("mongotest: drop database %s: %v", name, err)
		}
	})
	return name
}

// Databases returns a name of 10 bytes that databases' names can begin with, never the same
// twice. At tb's cleanup it drops the database of that name and all whose name begins with
// it and "_".
func (s *Server) Databases(tb testing.TB) string {
	tb.Helper()
	prefix := "t_" + strings.ToLower(rand.Text()[:8])
	client := s.Connect(tb)
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		all, err := client.ListDatabaseNames(ctx, bson.D{{Key: "name", Value: bson.D{{Key: "$regex", Value: "^" + prefix + "(_|$)"}}}})
		for _, name := range all {
			err = errors.Join(err, client.Database(name).Drop(ctx))
		}
		if err != nil {
			tb.Errorf("mongotest: drop the databases %s…: %v", prefix, err)
		}
	})
	return prefix
}

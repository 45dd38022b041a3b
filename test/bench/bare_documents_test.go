package bench

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"

	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// bareDocuments keeps documents through the bare driver, as durably as the program does.
type bareDocuments interface {
	put(ctx context.Context, id string) error
	get(ctx context.Context, id string) error
	insert(ctx context.Context, ids []string) error
}

// bareSQLite has one table in a file of its own.
type bareSQLite struct {
	writer, readers *sql.DB
	read            *sql.Stmt
}

const bareInsert = `INSERT INTO documents (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body`

func newBareSQLite(b *testing.B) *bareSQLite {
	b.Helper()
	uri := "file:" + filepath.Join(b.TempDir(), "bare.db") + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	s := &bareSQLite{}
	for _, pool := range []struct {
		db   **sql.DB
		uri  string
		size int
	}{{&s.writer, uri + "&_txlock=immediate", 1}, {&s.readers, uri + "&_pragma=query_only(1)", 4}} {
		db, err := sql.Open("sqlite", pool.uri)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = db.Close() })
		db.SetMaxOpenConns(pool.size)
		db.SetMaxIdleConns(pool.size)
		*pool.db = db
	}
	if _, err := s.writer.ExecContext(b.Context(), "CREATE TABLE documents (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) STRICT"); err != nil {
		b.Fatal(err)
	}
	var err error
	if s.read, err = s.readers.PrepareContext(b.Context(), "SELECT body FROM documents WHERE id = ?"); err != nil {
		b.Fatal(err)
	}
	return s
}

func (s *bareSQLite) put(ctx context.Context, id string) error {
	return transact(ctx, s.writer, step{bareInsert, []any{id, documentText}})
}

func (s *bareSQLite) get(ctx context.Context, id string) error {
	var body string
	if err := s.read.QueryRowContext(ctx, id).Scan(&body); !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return nil
}

func (s *bareSQLite) insert(ctx context.Context, ids []string) error {
	steps := make([]step, len(ids))
	for i, id := range ids {
		steps[i] = step{bareInsert, []any{id, documentText}}
	}
	return transact(ctx, s.writer, steps...)
}

// bareMongo has one collection.
type bareMongo struct {
	collection *mongo.Collection
	fields     bson.D
}

func newBareMongo(b *testing.B, server *mongotest.Server) *bareMongo {
	b.Helper()
	m := &bareMongo{collection: server.Connect(b).Database(server.Database(b)).Collection("bare",
		options.Collection().SetReadConcern(readconcern.Majority()).SetWriteConcern(durable))}
	if err := bson.UnmarshalExtJSON([]byte(documentText), false, &m.fields); err != nil {
		b.Fatal(err)
	}
	return m
}

func (m *bareMongo) put(ctx context.Context, id string) error {
	_, err := m.collection.ReplaceOne(ctx, bson.D{{Key: "_id", Value: id}}, m.fields, options.Replace().SetUpsert(true))
	return err
}

func (m *bareMongo) get(ctx context.Context, id string) error {
	var found bson.D
	if err := m.collection.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(&found); !errors.Is(err, mongo.ErrNoDocuments) {
		return err
	}
	return nil
}

func (m *bareMongo) insert(ctx context.Context, ids []string) error {
	all := make([]bson.D, len(ids))
	for i, id := range ids {
		all[i] = append(bson.D{{Key: "_id", Value: id}}, m.fields...)
	}
	_, err := m.collection.InsertMany(ctx, all, options.InsertMany().SetOrdered(false))
	return err
}

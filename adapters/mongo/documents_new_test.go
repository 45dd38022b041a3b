package mongo_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// TestPutsOfNewDocuments are one insert, and of those that were there one update.
func TestPutsOfNewDocuments(t *testing.T) {
	onShelves(t, func(t *testing.T, s shelf) {
		puts := func(first, n int) (writes []ports.DocumentWrite) {
			for i := range n {
				writes = append(writes, puttingNew(parsed(t, domain.DocumentID(fmt.Sprint(first+i)), `{"n":1}`)))
			}
			return writes
		}
		for _, c := range []struct {
			what             string
			first, n, create int
			want             []string
		}{
			{"new ones", 0, 50, 50, []string{"insert 50"}},
			{"some new ones", 40, 50, 40, []string{"insert 50", "update 10"}},
			{"known ones", 0, 50, 0, []string{"insert 50", "update 50"}},
		} {
			s.sent.take()
			created := 0
			for _, result := range s.write(puts(c.first, c.n)...) {
				if result.Err != nil {
					t.Errorf("%s: %v", c.what, result.Err)
				}
				if result.Created {
					created++
				}
			}
			if created != c.create {
				t.Errorf("%s: %d were created, want %d", c.what, created, c.create)
			}
			var got []string
			for _, command := range s.sent.take() {
				if command.name != "find" {
					wantDurable(t, command)
					got = append(got, fmt.Sprint(command.name, " ", len(command.parts())))
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: sent %q, want %q", c.what, got, c.want)
			}
		}
	})
}

// TestRulesForNewDocuments puts documents that are said to be new or not, beside an
// application's unique index and a validator that lets stand what has offended it before.
// What becomes of them is the same.
func TestRulesForNewDocuments(t *testing.T) {
	onShelves(t, func(t *testing.T, s shelf) {
		db := s.native.Database()
		unique := options.Index().SetUnique(true).SetPartialFilterExpression(bson.D{{Key: "email", Value: bson.D{{Key: "$exists", Value: true}}}})
		createIndex(t, db, s.native.Name(), bson.D{{Key: "email", Value: 1}}, unique)
		s.insert(bson.D{{Key: "_id", Value: "offends"}, {Key: "bad", Value: 1}}, bson.D{{Key: "_id", Value: "owner"}, {Key: "email", Value: "marker"}})
		err := db.RunCommand(t.Context(), bson.D{
			{Key: "collMod", Value: s.native.Name()},
			{Key: "validator", Value: bson.D{{Key: "bad", Value: bson.D{{Key: "$exists", Value: false}}}}},
			{Key: "validationLevel", Value: "moderate"},
		}).Err()
		if err != nil {
			t.Fatal(err)
		}
		s.write(puttingText(t, "other", `{}`, ""))
		invalid := errors.New("invalid")
		for _, isNew := range []bool{false, true} {
			var writes []ports.DocumentWrite
			var want []error
			add := func(id domain.DocumentID, text string, err error) {
				w := puttingText(t, id, text, "")
				w.New = isNew
				writes, want = append(writes, w), append(want, err)
			}
			add("offends", `{"bad":2}`, nil)
			add("owner", `{"n":1,"email":"marker"}`, nil)
			add("new", `{"n":1}`, nil)
			add("zeros", `{"v":{"$timestamp":{"t":0,"i":0}}}`, nil)
			add("new, offends", `{"bad":"marker"}`, invalid)
			add("other", `{"bad":"marker"}`, invalid)
			add("new, not the owner", `{"email":"marker"}`, domain.ErrDocumentExists)
			add(`{"$regularExpression":{"pattern":"a","options":""}}`, `{}`, invalid)
			for i, result := range s.write(writes...) {
				e, _ := errors.AsType[*domain.Error](result.Err)
				isInvalid := e != nil && e.Code == domain.CodeInvalidRequest
				if errors.Is(want[i], invalid) && !isInvalid || !errors.Is(want[i], invalid) && !errors.Is(result.Err, want[i]) {
					t.Errorf("new %v, %q: got %v, want %v", isNew, writes[i].Document.ID, result.Err, want[i])
				}
				if made := i == 2 || i == 3; result.Created != made {
					t.Errorf("new %v, %q: created %v", isNew, writes[i].Document.ID, result.Created)
				}
				if result.Err == nil {
					if got := s.get(writes[i].Document.ID); got != writes[i].Document {
						t.Errorf("new %v: got %v, want %v", isNew, got, writes[i].Document)
					}
				} else {
					wantNowhere(t, result.Err, "marker")
				}
			}
			if n, err := s.documents.Count(t.Context(), s.at); n != 5 || err != nil {
				t.Errorf("new %v: %d documents, %v", isNew, n, err)
			}
			s.write(removing("new", ""), removing("zeros", ""))
		}
	})
}

package mongo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Filters of the repositories, for the tests of their plans.
var (
	FilterByNameKey      = byNameKey
	FilterByEmailKey     = byEmailKey
	FilterDue            = dueBy
	FilterSelection      = selection
	FilterByReservations = byReservations
	FilterPurgeDue       = purgeDueBy
	FilterExpired        = expiredBy
	SchemaVersion        = len(migrations)
	LiveNames            = liveNames
	SweepBatch           = sweepBatch
	ErrMergeRefused      = errMergeRefused
)

// AskAnew is what Open waits for a primary with.
var AskAnew = askAnew

// What documents are made of.
var (
	BodyOf       = bodyOf
	WithID       = withID
	IDValue      = idValue
	DocumentIDOf = documentID
	ErrNoFence   = errNoFence
	ErrStrangeID = errStrangeID
	CauseOf      = causeOf
)

// DocumentOf is documentOf in a collection of its own.
func DocumentOf(raw bson.Raw) (domain.Document, error) { return documentOf(nil, raw) }

// Sizes of batches, for the tests that need several.
const (
	ForgetBatch    = forgetBatch
	MergeDocuments = mergeDocuments
	MergeBytes     = mergeBytes
	CommandBytes   = commandBytes
	DropBatch      = dropBatch
	MeasureBatch   = measureBatch
)

// Prove looks whether the server refuses a collection with the UUID.
func (s *Store) Prove(ctx context.Context, p domain.Placement, uuid []byte) error {
	db, err := s.place(p, p.Strategy)
	if err != nil {
		return err
	}
	return (&fenced{Store: s, db: db, name: p.Collection()}).prove(ctx, uuid)
}

// OpenMonitored is Open with a monitor of the commands.
func OpenMonitored(ctx context.Context, o Options, monitor *event.CommandMonitor) (*Store, error) {
	o, clientOptions, err := o.checked()
	if err != nil {
		return nil, err
	}
	client, err := driver.Connect(clientOptions.SetMonitor(monitor))
	if err != nil {
		return nil, err
	}
	s := newStore(client, o)
	err = s.start(ctx, false)
	return s, err
}

func TestSetKnownRemovesWhatIsEmpty(t *testing.T) {
	type record struct {
		ID      string    `bson:"_id"`
		Created time.Time `bson:"created_at"`
		Kept    int       `bson:"kept"`
		Gone    string    `bson:"gone,omitempty"`
		There   string    `bson:"there,omitempty"`
	}
	update, err := setKnown(record{ID: "id", There: "x"}, []string{"gone", "there"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := bson.MarshalExtJSON(update, false, false)
	want := `{"$set":{"kept":0,"there":"x"},"$unset":{"gone":""}}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func TestViolatedTellsTheIndex(t *testing.T) {
	pattern := func(field string) bson.Raw {
		raw, err := bson.Marshal(bson.D{{Key: "keyPattern", Value: bson.D{{Key: field, Value: 1}}}})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	const misleading = `E11000 duplicate key error collection: db.c index: reserved_1 dup key: { reserved: "x index: email_key_1 dup key" }`
	for name, c := range map[string]struct {
		err   error
		field string
		ok    bool
	}{
		"by its key":               {writeError(11000, misleading, pattern("name_keys")), "name_keys", true},
		"by its name":              {writeError(11000, misleading, nil), "reserved", true},
		"by an old server's name":  {writeError(11001, `E11000 … index: db.c.$email_key_1  dup key: { : "x" }`, nil), "email_key", true},
		"the _id":                  {writeError(11000, `E11000 … index: _id_ dup key: { _id: "x" }`, nil), "_id", true},
		"the _id of an old server": {writeError(11000, `E11000 … index: db.c.$_id_  dup key: { : "x" }`, nil), "_id", true},
		"by a field of a document": {writeError(11000, "", pattern("pending.lease_until")), "pending.lease_until", true},
		"a command's": {
			driver.CommandError{Code: 11000, Raw: pattern("email_key")}, "email_key", true,
		},
		"nobody knows": {writeError(11000, "E11000", nil), "", true},
		"another code": {writeError(121, misleading, pattern("name_keys")), "", false},
		"no error":     {nil, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			if field, ok := violated(c.err); field != c.field || ok != c.ok {
				t.Errorf("got %q, %v, want %q, %v", field, ok, c.field, c.ok)
			}
		})
	}
}

func writeError(code int, message string, raw bson.Raw) error {
	return driver.WriteException{WriteErrors: driver.WriteErrors{{Code: code, Message: message, Raw: raw}}}
}

func TestUnavailable(t *testing.T) {
	for _, code := range transientCodes {
		for _, err := range []error{
			driver.CommandError{Code: int32(code)},
			writeError(code, "", nil),
			fmt.Errorf("wrapped: %w", driver.CommandError{Code: int32(code)}),
		} {
			if !errors.Is(translate("test", err), domain.ErrStoreUnavailable) {
				t.Errorf("%v with code %d: not unavailable", err, code)
			}
		}
	}
	for _, err := range []error{
		context.Canceled, context.DeadlineExceeded, driver.ErrClientDisconnected,
		topology.ServerSelectionError{},
		topology.WaitQueueTimeoutError{},
		topology.ConnectionError{},
		topology.ErrPoolClosed, &net.OpError{Op: "dial", Err: errors.New("refused")},
		driver.CommandError{Labels: []string{"NetworkError"}},
		driver.CommandError{Labels: []string{"RetryableWriteError"}},
		driver.WriteException{WriteConcernError: &driver.WriteConcernError{}},
		driver.WriteException{
			WriteConcernError: &driver.WriteConcernError{},
			WriteErrors:       driver.WriteErrors{{Code: codeDuplicateKey}},
		},
	} {
		if !errors.Is(translate("test", err), domain.ErrStoreUnavailable) {
			t.Errorf("%T: not unavailable", err)
		}
	}
	for _, err := range []error{
		errors.New("another"), driver.ErrNoDocuments,
		driver.CommandError{Code: 13},
		writeError(121, "", nil),
		domain.ErrNameTaken, &bson.DecodeError{},
	} {
		if errors.Is(translate("test", err), domain.ErrStoreUnavailable) {
			t.Errorf("%v: unavailable", err)
		}
	}
	if err := translate("test", nil); err != nil {
		t.Error(err)
	}
}

func TestWhatBecameOfWrites(t *testing.T) {
	refused := func(index, code int, field string) bson.Raw {
		raw, err := bson.Marshal(bson.D{
			{Key: "index", Value: index},
			{Key: "code", Value: code},
			{Key: "errmsg", Value: "marker"},
			{Key: "keyPattern", Value: bson.D{{Key: field, Value: 1}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	b := &batch{results: make([]ports.DocumentResult, 10)}
	all := []statement{{place: 4, anew: true}, {place: 3, anew: true}, {place: 2}, {place: 1}, {place: 0, anew: true}, {place: 5, kind: inserts}}
	again, err := b.note(all, reply{Errors: []bson.Raw{
		refused(0, 11000, "_id"), refused(1, 11000, "email"), refused(2, 11000, "_id"), refused(3, 175, ""),
	}})
	if err != nil || len(again) != 1 || again[0].place != 4 {
		t.Errorf("to do again are %v, %v", again, err)
	}
	for place, want := range []error{nil, domain.ErrNamespaceMissing, domain.ErrDocumentExists, domain.ErrDocumentExists, domain.ErrDocumentExists, nil} {
		if got := b.results[place]; !errors.Is(got.Err, want) || got.Created != (place == 5) {
			t.Errorf("%d: got %+v, want %v", place, got, want)
		}
	}
	if again, err := b.note(again, reply{}); err != nil || again != nil || b.results[4] != (ports.DocumentResult{}) {
		t.Errorf("once it was done: %v, %v, %v", again, err, b.results[4])
	}
	for _, code := range []int{112, 11602, 189} {
		if _, err := b.note(all, reply{Errors: []bson.Raw{refused(1, code, "")}}); !errors.Is(err, domain.ErrStoreUnavailable) {
			t.Errorf("code %d: %v, want unavailable", code, err)
		}
	}
}

func TestMonitorPairsCommands(t *testing.T) {
	var ended []string
	m := monitor(func(_ context.Context, command string) func(bool) {
		return func(failed bool) { ended = append(ended, fmt.Sprint(command, " ", failed)) }
	})
	for id, name := range []string{"find", "insert"} {
		m.Started(t.Context(), &event.CommandStartedEvent{CommandName: name, RequestID: int64(id)})
	}
	finished := func(id int64) event.CommandFinishedEvent { return event.CommandFinishedEvent{RequestID: id} }
	m.Failed(t.Context(), &event.CommandFailedEvent{CommandFinishedEvent: finished(1)})
	m.Succeeded(t.Context(), &event.CommandSucceededEvent{CommandFinishedEvent: finished(0)})
	m.Succeeded(t.Context(), &event.CommandSucceededEvent{CommandFinishedEvent: finished(1)}) // not again
	if got := fmt.Sprint(ended); got != "[insert true find false]" {
		t.Error(got)
	}
}

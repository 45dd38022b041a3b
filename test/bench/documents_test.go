package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/orgkeeper/orgkeeper/adapters/argon2id"
	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/adapters/sqlite"
	"github.com/orgkeeper/orgkeeper/app"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
	"github.com/orgkeeper/orgkeeper/test/cleartoken"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

// documentText is a document of some 400 bytes.
var documentText = `{"name":"` + strings.Repeat("x", 330) + `","count":7,"price":1.5,"tags":["a","b"],"open":true}`

// keeper is a service on a store of its own, as an application embeds it.
type keeper struct {
	*app.Service
	bare bareDocuments
}

// eachKeeper runs a benchmark on each engine and strategy: on a replica set of MongoDB, and
// on the further kinds of servers.
func eachKeeper(b *testing.B, run func(b *testing.B, k keeper, strategy domain.Strategy), further ...mongotest.Kind) {
	onEach := func(name string, open func(b *testing.B) (app.Store, string, bareDocuments)) {
		b.Run(name, func(b *testing.B) {
			store, database, bare := open(b)
			k := keeper{newService(b, store, database), bare}
			for _, strategy := range domain.Strategies() {
				b.Run(string(strategy), func(b *testing.B) { run(b, k, strategy) })
			}
		})
	}
	onEach("sqlite", func(b *testing.B) (app.Store, string, bareDocuments) {
		s, err := sqlite.Open(b.Context(), sqlite.Options{Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = s.Close() })
		return s, "data", newBareSQLite(b)
	})
	for _, kind := range append([]mongotest.Kind{mongotest.ReplicaSet}, further...) {
		onEach(string(kind), func(b *testing.B) (app.Store, string, bareDocuments) {
			server := mongotest.For(b, kind)
			tenant := server.Database(b)
			s, err := mongo.Open(b.Context(), mongo.Options{URI: domain.NewSecret(server.URI), Master: server.Database(b), Tenant: tenant})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = s.Close(context.Background()) })
			return s, tenant, newBareMongo(b, server)
		})
	}
}

func newService(b *testing.B, store app.Store, database string) *app.Service {
	b.Helper()
	passwords, err := argon2id.New(argon2id.Options{MemoryKiB: 64, Iterations: 1, Parallelism: 1, Concurrency: 2})
	if err != nil {
		b.Fatal(err)
	}
	d := app.On(store)
	d.Passwords, d.Tokens, d.Now = passwords, cleartoken.Tokens{}, time.Now
	d.NewID = func() string { return uuid.Must(uuid.NewV7()).String() }
	d.Random = func(n int) int { return int(time.Now().UnixNano()) % n }
	d.Log = slog.New(slog.DiscardHandler)
	s, err := app.New(d, app.Options{Database: database})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// organization creates one and returns its documents.
func (k keeper) organization(b *testing.B, strategy domain.Strategy) (domain.OrganizationID, *app.Documents) {
	b.Helper()
	text := strings.ToLower(rand.Text())
	created, err := k.CreateOrganization(b.Context(), app.CreateOrganization{
		Name: text, Email: text + "@example.com", Password: domain.NewSecret(password), By: domain.ActorOperator, Strategy: strategy,
	})
	if err != nil {
		b.Fatal(err)
	}
	documents, err := k.Documents(b.Context(), created.Organization.ID)
	if err != nil {
		b.Fatal(err)
	}
	return created.Organization.ID, documents
}

// documentsKept is over how many documents puts and gets are spread.
const documentsKept = 10_000

func documentID(i int) string { return fmt.Sprintf("document-%08d", i) }

// BenchmarkDocuments puts and gets documents, one at a time and 16 at once, against the
// bare driver with the same guarantees.
func BenchmarkDocuments(b *testing.B) {
	eachKeeper(b, func(b *testing.B, k keeper, strategy domain.Strategy) {
		_, documents := k.organization(b, strategy)
		body := domain.BodyOf(documentText)
		for _, c := range []struct {
			name       string
			ours, bare func(ctx context.Context, id string) error
		}{
			{"put", func(ctx context.Context, id string) error {
				_, err := documents.Put(ctx, domain.Document{ID: domain.DocumentID(id), Body: body}, "")
				return err
			}, k.bare.put},
			{"get", func(ctx context.Context, id string) error {
				if _, err := documents.Get(ctx, domain.DocumentID(id)); !errors.Is(err, domain.ErrDocumentNotFound) {
					return err
				}
				return nil
			}, k.bare.get},
		} {
			for _, connections := range []int{1, clients} {
				b.Run(fmt.Sprintf("%s/connections=%d", c.name, connections), func(b *testing.B) {
					of, against := turns(b, 50,
						func(first, n int) { atOnce(b, connections, first, n, c.ours) },
						func(first, n int) { atOnce(b, connections, first, n, c.bare) })
					reportRates(b, of, against)
				})
			}
		}
	})
}

// atOnce does the operations with the numbers from first, n of them.
func atOnce(b *testing.B, connections, first, n int, do func(ctx context.Context, id string) error) {
	b.Helper()
	var (
		group sync.WaitGroup
		begun atomic.Int64
	)
	for range connections {
		group.Go(func() {
			for i := int(begun.Add(1)); i <= n; i = int(begun.Add(1)) {
				if err := do(b.Context(), documentID((first+i)%documentsKept)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

// importedDocuments is how many documents an import has.
const importedDocuments = 20_000

// BenchmarkImport imports an export into a new organization, against batches of 1,000 by
// the bare driver, whose documents are in memory already.
func BenchmarkImport(b *testing.B) {
	eachKeeper(b, func(b *testing.B, k keeper, strategy domain.Strategy) {
		source, documents := k.organization(b, strategy)
		fill(b, documents, importedDocuments)
		var export bytes.Buffer
		if _, err := k.ExportDocuments(b.Context(), source, &export); err != nil {
			b.Fatal(err)
		}
		made := 0
		b.Run("documents", func(b *testing.B) {
			of, against := turns(b, 1,
				func(_, n int) {
					for range n {
						id, _ := k.organization(b, strategy)
						if _, err := k.ImportDocuments(b.Context(), id, bytes.NewReader(export.Bytes()), 0); err != nil {
							b.Fatal(err)
						}
					}
				},
				func(_, n int) {
					for range n * importedDocuments / app.DocumentBatchLimit {
						ids := make([]string, app.DocumentBatchLimit)
						for i := range ids {
							made++
							ids[i] = string(strategy) + "-" + documentID(made)
						}
						if err := k.bare.insert(b.Context(), ids); err != nil {
							b.Fatal(err)
						}
					}
				})
			b.ReportMetric(float64(b.N)*importedDocuments/of.Seconds(), "documents/s")
			b.ReportMetric(float64(b.N)*importedDocuments/against.Seconds(), "bare-documents/s")
			b.ReportMetric(against.Seconds()/of.Seconds(), "ratio")
		})
	})
}

// fill puts so many documents.
func fill(b *testing.B, documents *app.Documents, n int) {
	b.Helper()
	body := domain.BodyOf(documentText)
	for first := 0; first < n; first += app.DocumentBatchLimit {
		batch := make([]ports.DocumentWrite, min(app.DocumentBatchLimit, n-first))
		for i := range batch {
			batch[i] = ports.DocumentWrite{Action: ports.DocumentPut, Document: domain.Document{ID: domain.DocumentID(documentID(first + i)), Body: body}}
		}
		if _, err := documents.Batch(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
}

// moreDocuments names a variable with the number of documents that BenchmarkExport exports.
const moreDocuments = "ORGKEEPER_BENCH_DOCUMENTS"

// BenchmarkExport exports many documents and tells by how much the heap grows meanwhile.
func BenchmarkExport(b *testing.B) {
	exportedDocuments := listed(b, moreDocuments, "100000")[0]
	eachKeeper(b, func(b *testing.B, k keeper, strategy domain.Strategy) {
		id, documents := k.organization(b, strategy)
		fill(b, documents, exportedDocuments)
		b.Run("documents", func(b *testing.B) {
			most := uint64(0)
			for b.Loop() {
				runtime.GC()
				before := heap()
				peak := &watcher{most: before}
				if _, err := k.ExportDocuments(b.Context(), id, peak); err != nil {
					b.Fatal(err)
				}
				most = max(most, peak.most-before)
			}
			b.ReportMetric(float64(b.N*exportedDocuments)/b.Elapsed().Seconds(), "documents/s")
			b.ReportMetric(float64(most)/(1<<20), "heap-MiB")
		})
	})
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// watcher looks at the heap now and then while it is written to.
type watcher struct {
	most    uint64
	written int
}

var _ io.Writer = (*watcher)(nil)

func (w *watcher) Write(p []byte) (int, error) {
	const every = 1 << 20
	if before := w.written / every; (w.written+len(p))/every > before {
		w.most = max(w.most, heap())
	}
	w.written += len(p)
	return len(p), nil
}

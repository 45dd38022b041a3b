package bench

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func login(i int) []byte {
	return request("POST", "/admin/login", "", object(map[string]string{"email": email(i), "password": password}))
}

// BenchmarkLogIn logs in with 16 clients, against hashes alone on all cores.
func BenchmarkLogIn(b *testing.B) {
	eachEngine(b, true, func(b *testing.B, fresh func(...string) *engine) {
		e := fresh()
		b.Run("clients=16", func(b *testing.B) {
			f, r := e.program.fleet(b), login(0)
			of, against := turns(b, 20*clients,
				func(first, n int) { f.run(b, 200, first, n, func(int) []byte { return r }) },
				func(_, n int) { hashes(n) })
			reportRates(b, of, against)
		})
	})
}

// hashes computes n hashes, as many at once as there are cores.
func hashes(n int) {
	var group sync.WaitGroup
	var begun atomic.Int64
	for range runtime.NumCPU() {
		group.Go(func() {
			for int(begun.Add(1)) <= n {
				hash()
			}
		})
	}
	group.Wait()
}

// looks is how many gets are measured while others log in: enough that the 99th
// percentile isn't an accident. They come at pace.
const (
	looks = 2000
	pace  = 5 * time.Millisecond
)

// BenchmarkGetWhileLoggingIn measures gets of one client while 16 others log in all
// the time. One operation is all of the gets.
func BenchmarkGetWhileLoggingIn(b *testing.B) {
	eachEngine(b, false, func(b *testing.B, fresh func(...string) *engine) {
		e := fresh()
		b.Run("clients=16", func(b *testing.B) {
			f, reader := e.program.fleet(b), e.program.dial(b)
			for b.Loop() {
				var took []time.Duration
				besides(b, f, func() {
					for range looks {
						began := time.Now()
						if err := reader.expect(200, get(0)); err != nil {
							b.Error(err)
							return
						}
						took = append(took, time.Since(began))
						time.Sleep(pace)
					}
				})
				slices.Sort(took)
				b.ReportMetric(took[looks/2].Seconds()*1000, "p50-ms")
				b.ReportMetric(took[looks*99/100].Seconds()*1000, "p99-ms")
				b.ReportMetric(took[looks-1].Seconds()*1000, "max-ms")
			}
		})
	})
}

// besides does something while the fleet logs in, and reports how many log-ins a
// second there were.
func besides(b *testing.B, f fleet, do func()) {
	b.Helper()
	var done atomic.Bool
	var sent atomic.Int64
	var group sync.WaitGroup
	began, r := time.Now(), login(0)
	group.Go(func() {
		f.while(b, 200, func() []byte {
			if done.Load() {
				return nil
			}
			sent.Add(1)
			return r
		})
	})
	do()
	done.Store(true)
	group.Wait()
	if b.Failed() {
		b.FailNow()
	}
	b.ReportMetric(float64(sent.Load())/time.Since(began).Seconds(), "logins/s")
}

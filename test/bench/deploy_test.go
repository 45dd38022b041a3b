package bench

import (
	"os/exec"
	"slices"
	"testing"
	"time"
)

// BenchmarkStart measures from the start of the process, on a store that has its
// schema, to the first answer: an organization by its name. The baseline is the
// program's own start without a store, as far as its help.
func BenchmarkStart(b *testing.B) {
	eachEngine(b, false, func(b *testing.B, fresh func(...string) *engine) {
		e := fresh()
		e.program.stop()
		b.Run("first-answer", func(b *testing.B) {
			var took []time.Duration
			of, against := turns(b, 1,
				func(_, n int) {
					for range n {
						began := time.Now()
						p := start(b, e.environment)
						p.dial(b).must(b, 200, get(0))
						took = append(took, time.Since(began))
						b.StopTimer()
						p.stop()
						b.StartTimer()
					}
				},
				func(_, n int) {
					binary, err := build()
					if err != nil {
						b.Fatal(err)
					}
					for range n {
						if err := exec.Command(binary, "version").Run(); err != nil {
							b.Fatal(err)
						}
					}
				})
			_ = of
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2].Seconds()*1000, "median-ms")
			b.ReportMetric(against.Seconds()*1000/float64(b.N), "bare-ms")
		})
	})
}

// The time that a process is left alone before its memory is measured, and under
// log-ins.
const (
	idleTime = 2 * time.Second
	busyTime = 10 * time.Second
)

// BenchmarkMemory measures the process's resident memory after its start, and the
// most of it while 16 clients log in. One operation is both.
func BenchmarkMemory(b *testing.B) {
	eachEngine(b, false, func(b *testing.B, fresh func(...string) *engine) {
		e := fresh()
		e.program.stop()
		b.Run("clients=16", func(b *testing.B) {
			for b.Loop() {
				p := start(b, e.environment)
				p.dial(b).must(b, 200, get(0))
				time.Sleep(idleTime)
				b.ReportMetric(p.memory(b, "VmRSS"), "idle-MiB")
				besides(b, p.fleet(b), func() { time.Sleep(busyTime) })
				b.ReportMetric(p.memory(b, "VmHWM"), "peak-MiB")
				p.stop()
			}
		})
	})
}

package bench

import (
	"os/exec"
	"slices"
	"testing"
	"time"
)

// BenchmarkStart measures from the start of the process, on a store that has its
// schema, to the first answer: an organization by its name. The baseline is a start
// that only prints the version.
func BenchmarkStart(b *testing.B) {
	eachEngine(b, false, func(b *testing.B, fresh func(...string) *engine) {
		e := fresh()
		e.program.stop()
		b.Run("first-answer", func(b *testing.B) {
			var took, bare []time.Duration
			for b.Loop() {
				began := time.Now()
				p := start(b, e.environment)
				p.dial(b).must(b, 200, get(0))
				took = append(took, time.Since(began))
				p.stop()
				began = time.Now()
				if err := exec.Command(p.command.Path, "version").Run(); err != nil {
					b.Fatal(err)
				}
				bare = append(bare, time.Since(began))
			}
			b.ReportMetric(median(took), "median-ms")
			b.ReportMetric(median(bare), "bare-ms")
		})
	})
}

// median returns milliseconds.
func median(of []time.Duration) float64 {
	slices.Sort(of)
	return of[len(of)/2].Seconds() * 1000
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

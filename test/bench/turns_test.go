package bench

import (
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
)

// turns has the program and its baseline do b.N operations each, by turns, so that
// both meet the same machine, and returns the time that each took. A turn has atLeast
// operations where there are so many. What the benchmark counts is the program's time.
func turns(b *testing.B, atLeast int, program, baseline func(first, n int)) (of, against time.Duration) {
	b.Helper()
	count := min(10, max(1, b.N/atLeast))
	b.ResetTimer()
	for turn := range count {
		first, next := b.N*turn/count, b.N*(turn+1)/count
		began := time.Now()
		program(first, next-first)
		of += time.Since(began)
		b.StopTimer()
		began = time.Now()
		baseline(first, next-first)
		against += time.Since(began)
		b.StartTimer()
	}
	b.StopTimer()
	return of, against
}

// reportRates reports requests a second, the baseline's, and the ratio of the two:
// 1 is as fast as the baseline, less is slower.
func reportRates(b *testing.B, of, against time.Duration) {
	b.Helper()
	b.ReportMetric(float64(b.N)/of.Seconds(), "req/s")
	b.ReportMetric(float64(b.N)/against.Seconds(), "bare-req/s")
	b.ReportMetric(against.Seconds()/of.Seconds(), "ratio")
}

// reportTimes reports milliseconds, the baseline's, and how many times its time the
// program took.
func reportTimes(b *testing.B, of, against time.Duration) {
	b.Helper()
	b.ReportMetric(of.Seconds()*1000/float64(b.N), "ms")
	b.ReportMetric(against.Seconds()*1000/float64(b.N), "bare-ms")
	b.ReportMetric(of.Seconds()/against.Seconds(), "times")
}

// hash computes a hash with the program's default cost.
func hash() { argon2.IDKey([]byte(password), []byte("0123456789abcdef"), 2, 19*1024, 1, 32) }

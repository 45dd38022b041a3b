package crash

import (
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/test/notrun"
)

const (
	// crowd is how many clients log in at once.
	crowd = 200
	// mostMemory is what the process may ever have under them, in MiB, with two hashes
	// of 19 MiB at once.
	mostMemory = 192
)

// TestMemory has a crowd log in at once, with hashes of the default cost: those beyond
// what can be hashed are turned away before memory grows.
func TestMemory(t *testing.T) {
	needsTime(t)
	if runtime.GOOS != "linux" {
		notrun.Skip(t, "memory of the process", "run it on Linux, which has /proc")
	}
	w := newWorld(t, newSQLite(t.TempDir()), 1)
	p := w.start("ARGON2_MEMORY_KIB=19456", "ARGON2_ITERATIONS=2", "HASH_CONCURRENCY=2")
	o := op{kind: create, name: "Acme", email: "admin@acme.example"}
	if a, err := p.send(o.request(state{}, "")); err != nil || a.status != http.StatusCreated {
		t.Fatal(a, err)
	}
	before := residentMiB(t, p)
	var mu sync.Mutex
	counts, longest := map[string]int{}, time.Duration(0)
	var group sync.WaitGroup
	for range crowd {
		c := newClient(p.url)
		group.Go(func() {
			for begun := time.Now(); time.Since(begun) < 3*time.Second; {
				a, err := c.logIn(o.email)
				mu.Lock()
				seen.count(func(f *figures) { f.operations++ })
				counts[a.String()]++
				longest = max(longest, a.took)
				mu.Unlock()
				if err != nil || a.status != http.StatusOK && !stormy.allows(a) {
					w.violation("a log-in is answered %v %v", a, err)
				}
				if a.status != http.StatusOK {
					time.Sleep(20 * time.Millisecond)
				}
			}
		})
	}
	group.Wait()
	after := residentMiB(t, p)
	note := fmt.Sprintf("%d clients log in at once for 3 s: %v, the longest %v; memory %d MiB before, %d MiB at most",
		crowd, counts, longest.Round(time.Millisecond), before, after)
	seen.count(func(f *figures) { f.notes = append(f.notes, note) })
	if counts["503 overloaded"] == 0 || counts["200 "] == 0 {
		w.violation("%d clients at once are answered %v", crowd, counts)
	}
	if after > mostMemory {
		w.violation("the process has come to have %d MiB", after)
	}
	p.kill()
}

// residentMiB is the most memory that the process ever had.
func residentMiB(t *testing.T, p *process) int {
	t.Helper()
	kib, err := p.memory("VmHWM")
	if err != nil {
		t.Fatal(err)
	}
	return kib >> 10
}

package crash

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/test/notrun"
)

// diskSize is the size of the disk that gets full, in megabytes.
const diskSize = "16m"

// TestFullDisk fills the disk under SQLite while the program works. Changes get 503 then,
// look-ups their answer, and all is well when there is space again.
func TestFullDisk(t *testing.T) {
	needsTime(t)
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+diskSize); err != nil {
		notrun.Skip(t, "full disk", "run it as root, with the right to mount a file system")
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	w := newWorld(t, newSQLite(filepath.Join(dir, "data")), organizations)
	p := w.start("DELETE_RETENTION=1h")
	w.workFor(p, 500*time.Millisecond, "space")

	w.mood = stormy
	filler := filepath.Join(dir, "filler")
	fill(t, filler)
	full := w.brave(p, time.Second, "full")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	back := time.Now()
	for a := (answer{}); a.status != http.StatusCreated; {
		var err error
		a, err = p.send(op{kind: create, name: "Umbrella", email: "admin@umbrella.example"}.request(state{}, ""))
		if err != nil || time.Since(back) > patience {
			t.Fatalf("no change is made again: %v %v", a, err)
		}
		if a.status == http.StatusCreated {
			retireWhole(t, p, a.text("organization_id"))
		}
	}
	took := time.Since(back)
	w.mood = calm
	w.verify(p, true)
	w.workFor(p, 300*time.Millisecond, "space again")
	w.verify(p, true)
	t.Logf("a full disk: %v; a change was made %v after there was space", full, took.Round(time.Millisecond))
	if full["503 store_unavailable"] == 0 || full["200 "] == 0 {
		w.violation("a full disk is answered %v", full)
	}
	p.kill()
}

// fill writes a file until there is no space.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 16; size > 0; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// workFor has the workers work for a while.
func (w *world) workFor(p *process, d time.Duration, purpose ...any) {
	stop := make(chan struct{})
	timer := time.AfterFunc(d, func() { close(stop) })
	defer timer.Stop()
	w.work(p, true, stop, purpose...)
}

// brave has the workers work for a while though the store may be away, and returns how
// often there was which answer.
func (w *world) brave(p *process, d time.Duration, purpose string) map[string]int {
	log := &sightings{counts: map[string]int{}, raging: true}
	var group sync.WaitGroup
	for i := range workers {
		random, slots := choices(w.purpose, purpose, i), w.share(i, workers)
		group.Go(func() {
			for begun := time.Now(); time.Since(begun) < d; {
				if a, ok := w.weather(p.client, slots, random); ok {
					log.note(begun, a, new(bool))
				}
			}
		})
	}
	group.Wait()
	if a, err := p.send(request{method: http.MethodGet, path: "/healthz"}); err != nil || a.status != http.StatusOK {
		w.violation("/healthz is answered %v %v", a, err)
	}
	return log.counts
}

// retireWhole deletes an organization that is in no slot, and its data.
func retireWhole(t *testing.T, p *process, id string) {
	t.Helper()
	for _, kind := range []kind{retire, purge} {
		a, err := p.send(op{kind: kind}.request(state{id: id}, ""))
		if err != nil || a.status != http.StatusOK {
			t.Fatalf("%s: %v %v", kind, a, err)
		}
	}
}

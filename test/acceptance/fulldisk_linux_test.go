package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/orgkeeper/orgkeeper/test/notrun"
)

// A disk that is full ends a backup and a restore with a message that says so, and
// leaves nothing behind.
func TestFullDisk(t *testing.T) {
	e := onSQLite(t)
	p := e.start(t)
	p.create(t, "Acme", "admin@acme.example")
	file := filepath.Join(t.TempDir(), "backup.tar")
	if out, err := e.run(t, []string{"backup", file}); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// Too small for the first copy, and for the archive.
	for _, size := range []string{"32k", "124k"} {
		disk := smallDisk(t, size)
		for name, run := range map[string]func() (string, error){
			"backup":  func() (string, error) { return e.run(t, []string{"backup", filepath.Join(disk, "backup.tar")}) },
			"restore": func() (string, error) { return e.run(t, []string{"restore", file}, "DATA_DIR="+disk) },
		} {
			if name == "restore" && size != "32k" {
				continue
			}
			out, err := run()
			if err == nil || !strings.Contains(out, "full") && !strings.Contains(out, "no space left") {
				t.Errorf("%s on %s: %v\n%s", name, size, err, out)
			}
			entries, err := os.ReadDir(disk)
			if err != nil {
				t.Fatal(err)
			}
			for _, entry := range entries {
				if entry.Name() != "orgkeeper.lock" {
					t.Errorf("%s on %s leaves %s", name, size, entry.Name())
				}
			}
		}
	}
	p.create(t, "Globex", "admin@globex.example")
}

// smallDisk mounts a file system of the size.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		notrun.Skip(t, "full-disk", "run the tests as root: a small file system has to be mounted ("+err.Error()+")")
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

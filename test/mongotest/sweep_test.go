package mongotest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestSweepDeletesWhatDeadProcessesLeft(t *testing.T) {
	ended := exec.Command("go", "version")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	dead := filepath.Join(temp, fmt.Sprintf("mongotest-%d-1", ended.Process.Pid))
	kept := []string{
		filepath.Join(temp, fmt.Sprintf("mongotest-%d-1", os.Getpid())),
		filepath.Join(temp, "mongotest-other-1"),
		filepath.Join(temp, "somebody-1-1"),
	}
	for _, folder := range append(kept, dead) {
		if err := os.MkdirAll(filepath.Join(folder, "journal"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	sweep(temp)
	if _, err := os.Stat(dead); err == nil && gone(ended.Process.Pid) {
		t.Error("the folder of a process that has ended is still there")
	}
	for _, folder := range kept {
		if _, err := os.Stat(folder); err != nil {
			t.Errorf("deleted: %v", err)
		}
	}
}

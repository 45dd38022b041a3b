package mongotest

import "os"

// dataParent returns the folder in which servers get their data folders: one in
// memory where the system has one with room for several servers, unless TMPDIR names
// another place. Every write of the tests is acknowledged from the journal, so that a
// disk makes a run take five times as long. What a killed server has written is there
// after a restart as on a disk.
func dataParent() string {
	if os.Getenv("TMPDIR") == "" && freeMemory() > 4<<30 {
		return memory
	}
	return os.TempDir()
}

package crash

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// fewKills is how many kills there are on each engine where nobody asks for more.
const fewKills = 6

// settings are what the environment asks for.
type settings struct {
	kills int
	seed  uint64
	// whole is false where only a look is asked for whether the harness works.
	whole bool
}

// asked is set by TestMain.
var asked settings

func readSettings() (settings, error) {
	s := settings{kills: fewKills, seed: rand.Uint64() >> 1} // Short enough for a signed number.
	if text := os.Getenv("CRASH_KILLS"); text != "" {
		kills, err := strconv.Atoi(text)
		if err != nil || kills < 1 {
			return s, fmt.Errorf("CRASH_KILLS is no number of kills: %q", text)
		}
		s.kills, s.whole = kills, true
	}
	if text := os.Getenv("CRASH_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return s, fmt.Errorf("CRASH_SEED is no number: %q", text)
		}
		s.seed = seed
	}
	return s, nil
}

// needsTime skips what takes long unless it was asked for.
func needsTime(t *testing.T) {
	t.Helper()
	if !asked.whole {
		t.Skip("this runs in make crash")
	}
}

// choices returns a source of choices that depends on the seed, what they are for, and
// nothing else.
func choices(purpose ...any) *rand.Rand {
	var stream uint64 = 14695981039346656037 // FNV-1a
	for _, b := range []byte(fmt.Sprint(purpose...)) {
		stream = (stream ^ uint64(b)) * 1099511628211
	}
	return rand.New(rand.NewPCG(asked.seed, stream))
}

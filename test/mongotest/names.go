package mongotest

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"
)

// nameLength bounds the part of a database's name that comes from the test's name.
const nameLength = 20

// DatabaseName returns a new database name for tb: lower case, legal on every operating system,
// under 40 bytes, never the same twice, and with the end of the test's name in it.
func DatabaseName(tb testing.TB) string {
	tb.Helper()
	legal := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		default:
			return '_'
		}
	}, strings.ToLower(tb.Name()))
	if len(legal) > nameLength {
		legal = legal[len(legal)-nameLength:]
	}
	return "t_" + strings.ToLower(rand.Text()[:12]) + "_" + legal
}

// Database returns a new database name, as [DatabaseName] does, and drops that database at tb's cleanup.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	name := DatabaseName(tb)
	client := s.Connect(tb)
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := client.Database(name).Drop(ctx); err != nil {
			tb.Errorf("mongotest: drop database %s: %v", name, err)
		}
	})
	return name
}

package argon2id_test

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/argon2id"
	"github.com/orgkeeper/orgkeeper/domain"
)

func BenchmarkHash(b *testing.B) {
	h := open(b, argon2id.Options{})
	p := password(b, foreignPassword)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Hash(b.Context(), p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	h := open(b, argon2id.Options{})
	p := password(b, foreignPassword)
	own, err := h.Hash(b.Context(), p)
	if err != nil {
		b.Fatal(err)
	}
	for name, hash := range map[string]domain.PasswordHash{
		"own":   own,
		"wrong": domain.NewPasswordHash("$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
		"none":  {},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.Verify(b.Context(), p, hash); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkQueue is what a call costs beside its hash.
func BenchmarkQueue(b *testing.B) {
	h := open(b, argon2id.Options{MemoryKiB: 8, Iterations: 1})
	p := password(b, foreignPassword)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Hash(b.Context(), p); err != nil {
			b.Fatal(err)
		}
	}
}

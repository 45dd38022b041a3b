package domain

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDigest(t *testing.T) {
	var none, one, twice Digest
	one.Add([]byte("abc"))
	twice.Add([]byte("abc"))
	twice.Add([]byte("abc"))
	// FIPS 180-4's example for SHA-256, and twice of it.
	for _, c := range []struct {
		d         *Digest
		documents int64
		sum       string
	}{
		{&none, 0, strings.Repeat("0", 64)},
		{&one, 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{&twice, 2, "74f02d7f1e039fd4828281bcbb5c44476006c3472c2ef5396821fec3e4002b5a"},
	} {
		if got := c.d.String(); got != c.sum || c.d.Documents() != c.documents {
			t.Errorf("%d documents with %s, want %d with %s", c.d.Documents(), got, c.documents, c.sum)
		}
	}
}

func TestDigestTakesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.String(), 0, 10).Draw(t, "texts")
		more := rapid.SliceOfN(rapid.String(), 0, 10).Draw(t, "more")
		d := digestOf(append(slices.Clone(texts), more...))
		for _, text := range more {
			d.Remove([]byte(text))
		}
		if want := digestOf(texts); d != want {
			t.Errorf("%v, want %v", d, want)
		}
	})
}

func TestDigestIsOfASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.String(), 1, 20).Draw(t, "texts")
		shuffled := rapid.Permutation(texts).Draw(t, "shuffled")
		if a, b := digestOf(texts), digestOf(shuffled); a != b {
			t.Errorf("%v and %v", a, b)
		}
		changed := slices.Clone(texts)
		changed[0] += "x"
		if digestOf(texts) == digestOf(changed) || digestOf(texts) == digestOf(texts[1:]) {
			t.Error("other documents have the same digest")
		}
	})
}

func digestOf(texts []string) Digest {
	var d Digest
	for _, text := range texts {
		d.Add([]byte(text))
	}
	return d
}

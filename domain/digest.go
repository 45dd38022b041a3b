package domain

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
)

// Digest sums up documents, whatever their order: the sum of their SHA-256 modulo 2^256,
// most significant byte first. So that it tells sets of documents apart that came to be
// by mistake; somebody who may choose the documents can find two sets with one sum.
// The zero Digest is that of none.
type Digest struct {
	sum       [sha256.Size]byte
	documents int64
}

// Add adds a document: its text in Extended JSON, ID included.
func (d *Digest) Add(text []byte) {
	hash := sha256.Sum256(text)
	var carry uint64
	for i := len(hash) - 8; i >= 0; i -= 8 {
		var sum uint64
		sum, carry = bits.Add64(binary.BigEndian.Uint64(d.sum[i:]), binary.BigEndian.Uint64(hash[i:]), carry)
		binary.BigEndian.PutUint64(d.sum[i:], sum)
	}
	d.documents++
}

// Remove takes back that a document was added.
func (d *Digest) Remove(text []byte) {
	hash := sha256.Sum256(text)
	var borrow uint64
	for i := len(hash) - 8; i >= 0; i -= 8 {
		var rest uint64
		rest, borrow = bits.Sub64(binary.BigEndian.Uint64(d.sum[i:]), binary.BigEndian.Uint64(hash[i:]), borrow)
		binary.BigEndian.PutUint64(d.sum[i:], rest)
	}
	d.documents--
}

// Documents returns how many were added.
func (d *Digest) Documents() int64 { return d.documents }

// String returns the sum in hex.
func (d *Digest) String() string { return hex.EncodeToString(d.sum[:]) }

package domain

import (
	"reflect"
	"testing"
	"time"
)

func TestRequest(t *testing.T) {
	first := Request{ID: "id", Fingerprint: "fingerprint", Operation: "op", LeaseUntil: earlier, ExpiresAt: later, Version: 1}
	kept := first
	second := first.TakeOver(later)
	want := kept
	want.LeaseUntil, want.Version = later, 2
	if !reflect.DeepEqual(second, want) || second.Answered() {
		t.Errorf("TakeOver: got %+v, want %+v", second, want)
	}
	third := second.Conclude([]byte("answer"))
	want.Answer, want.Version = []byte("answer"), 3
	if !reflect.DeepEqual(third, want) || !third.Answered() {
		t.Errorf("Conclude: got %+v, want %+v", third, want)
	}
	if !reflect.DeepEqual(first, kept) || second.Answered() {
		t.Error("a change changed the receiver")
	}
	// An answer of no bytes is one.
	if empty := (Request{Version: 1, ExpiresAt: later.Add(time.Hour)}).Conclude([]byte{}); !empty.Answered() {
		t.Error("an empty answer is none")
	}
}

package badrequests

import "testing"

// TestCases sees that the table is what it says: no case twice, and enough.
func TestCases(t *testing.T) {
	names := map[string]bool{}
	for _, c := range Cases() {
		if names[c.Name] {
			t.Errorf("%q stands there twice", c.Name)
		}
		names[c.Name] = true
		if c.Status < 400 || c.Status > 499 || c.Code == "" {
			t.Errorf("%q: status %d, code %q", c.Name, c.Status, c.Code)
		}
	}
	if len(names) < 60 {
		t.Errorf("%d cases, want 60 or more", len(names))
	}
}

func TestOperatorCases(t *testing.T) {
	names := map[string]bool{}
	for _, c := range OperatorCases("an-id") {
		if names[c.Name] {
			t.Errorf("%q stands there twice", c.Name)
		}
		names[c.Name] = true
		if c.Status < 400 || c.Status > 499 || c.Code == "" {
			t.Errorf("%q: status %d, code %q", c.Name, c.Status, c.Code)
		}
	}
	if len(names) < 200 {
		t.Errorf("%d cases, want 200 or more", len(names))
	}
}

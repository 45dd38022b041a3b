package steps_test

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/test/steps"
)

func TestPoint(t *testing.T) {
	insert, replace := "Accounts.Insert", "Accounts.Replace"
	walk := []steps.Step{{Name: insert}, {Name: insert, Done: true}, {Name: replace}, {Name: insert}, {Name: insert, Done: true}}
	for text, want := range map[string]int{
		"1": 0, "3": 2, "6": -1,
		insert + ":before": 0, insert + ":before:2": 3, insert + ":after:2": 4,
		replace + ":before:1": 2, replace + ":after": -1, "Moving.Freeze:before": -1,
	} {
		p, err := steps.ParsePoint(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		at := -1
		for i, step := range walk {
			if p.Reached(step) {
				if at >= 0 {
					t.Errorf("%s is reached twice", text)
				}
				at = i
			}
		}
		if at != want {
			t.Errorf("%s is reached at %d, should be at %d", text, at, want)
		}
	}
}

func TestPointIsRefused(t *testing.T) {
	for _, text := range []string{"", "0", "-1", "x", "Accounts.Insert:", "Accounts.Insert:during", "Accounts.Insert:before:0", "Accounts.Forget:before"} {
		if _, err := steps.ParsePoint(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

package explore

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

// TestJudge holds made-up results against made-up ends.
func TestJudge(t *testing.T) {
	live := standing{status: domain.StatusActive, name: acme, email: acmeEmail}
	renamed, kept := live, live
	renamed.name = globex
	kept.status, kept.revoked = domain.StatusDeleted, true
	rename, retire := roles["rename"], roles["retire"]
	heard := func(r role, v verdict, after ...bool) result {
		return result{role: r, verdict: v, after: append(after, make([]bool, 2-len(after))...)}
	}
	tests := []struct {
		name    string
		last    standing
		results []result
		want    bool
	}{
		{"granted and done", renamed, []result{heard(rename, granted)}, true},
		{"granted and not done", live, []result{heard(rename, granted)}, false},
		{"refused and done", renamed, []result{heard(rename, refused)}, false},
		{"refused for no reason", live, []result{heard(rename, refused)}, false},
		{"unknown and done", renamed, []result{heard(rename, unknown)}, true},
		{"unknown and not done", live, []result{heard(rename, unknown)}, true},
		{"refused while another was at work", live, []result{heard(rename, refused), heard(rename, refused)}, true},
		{"refused after the end of the other", kept, []result{heard(retire, granted), heard(rename, refused, true)}, true},
		{"granted after what forbids it", kept, []result{heard(retire, granted), heard(rename, granted, true)}, false},
		{"undone", live, []result{heard(retire, granted), heard(rename, refused)}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := judge(model{live}, model{tt.last}, tt.results); got != tt.want {
				t.Errorf("judged %v, should be %v", got, tt.want)
			}
		})
	}
}

func TestScheduleText(t *testing.T) {
	for _, text := range []string{"a1", "a3 +b10 a7! b3", "a2x b1? +c4 b2x", "a1? a1!x +b1"} {
		s, err := parseSchedule(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.String(); got != text {
			t.Errorf("%q is written %q", text, got)
		}
	}
	for _, text := range []string{"d1", "a0", "a", "1", "a1+", "ax"} {
		if s, err := parseSchedule(text); err == nil {
			t.Errorf("%q is read as %v", text, s)
		}
	}
}

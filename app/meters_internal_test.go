package app

import (
	"strconv"
	"testing"

	"github.com/orgkeeper/orgkeeper/domain"
)

// The meters that are remembered are bounded; those in use are never forgotten.
func TestMetersAreBounded(t *testing.T) {
	var all meters
	used := all.take("used")
	for i := range metersMax + 10 {
		all.give(all.take(domain.OrganizationID(strconv.Itoa(i))))
	}
	if n := len(all.byID); n > metersMax {
		t.Errorf("there are %d", n)
	}
	if all.take("used") != used {
		t.Error("one in use was forgotten")
	}
	if again := all.take("9"); again.users != 1 {
		t.Errorf("it has %d users", again.users)
	}
}

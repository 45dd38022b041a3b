package contract

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/ports"
)

// Registry is what RunOrganizations, RunAccounts and RunCensus test: the three
// ports of one store, which see each other's writes.
type Registry struct {
	Organizations ports.Organizations
	Accounts      ports.Accounts
	Census        ports.Census
}

// RunOrganizations runs the suite of ports.Organizations.
func RunOrganizations(t *testing.T, open func(t *testing.T) Registry) {
	t.Helper()
	runAll(t, open, organizationChecks)
}

// RunAccounts runs the suite of ports.Accounts.
func RunAccounts(t *testing.T, open func(t *testing.T) Registry) {
	t.Helper()
	runAll(t, open, accountChecks)
}

// RunCensus runs the suite of ports.Census.
func RunCensus(t *testing.T, open func(t *testing.T) Registry) {
	t.Helper()
	runAll(t, open, censusChecks)
}

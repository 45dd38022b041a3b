package contract

import (
	"testing"

	"github.com/orgkeeper/orgkeeper/ports"
)

// Registry is what RunOrganizations, RunAccounts, RunCensus, RunDirectory, RunRequests,
// RunUsages and RunMoves test: the ports of one store, which see each other's writes.
type Registry struct {
	Organizations ports.Organizations
	Accounts      ports.Accounts
	Census        ports.Census
	Directory     ports.Directory
	Requests      ports.Requests
	Usages        ports.Usages
	Moves         ports.Moves
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

// RunDirectory runs the suite of ports.Directory.
func RunDirectory(t *testing.T, open func(t *testing.T) Registry) {
	t.Helper()
	runAll(t, open, directoryChecks)
}

// RunRequests runs the suite of ports.Requests.
func RunRequests(t *testing.T, open func(t *testing.T) Registry) {
	t.Helper()
	runAll(t, open, requestChecks)
}

// RunUsages runs the suite of ports.Usages.
func RunUsages(t *testing.T, open func(t *testing.T) Registry) {
	t.Helper()
	runAll(t, open, usageChecks)
}

// RunMoves runs the suite of ports.Moves.
func RunMoves(t *testing.T, open func(t *testing.T) Registry) {
	t.Helper()
	runAll(t, open, moveChecks)
}

package contract

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// faultVariable names the fault that a child process of TestSuitesCanFail has.
const faultVariable = "ORGKEEPER_CONTRACT_FAULT"

// fault is an adapter that breaks its contract in one thing, and the suite that
// must find it.
type fault struct {
	name  string
	check string // what the name of the check that must fail begins with
	run   func(t *testing.T)
}

// TestSuitesCanFail runs the checks that must fail on adapters with a fault, each in a
// process of its own.
func TestSuitesCanFail(t *testing.T) {
	all := slices.Concat(faults, documentFaults, usageFaults)
	if name := os.Getenv(faultVariable); name != "" {
		for _, f := range all {
			if f.name == name {
				f.run(t)
			}
		}
		return
	}
	program, err := os.Executable()
	must(t, "os.Executable", err)
	for _, f := range all {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			only := "-test.run=^TestSuitesCanFail$/^" + f.check
			child := exec.CommandContext(t.Context(), program, only, "-test.count=1", "-rapid.nofailfile")
			child.Env = append(os.Environ(), faultVariable+"="+f.name)
			output, err := child.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || !strings.Contains(string(output), "--- FAIL: TestSuitesCanFail/"+f.check) {
				t.Errorf("the check %s doesn't find it (%v):\n%.3000s", f.check, err, output)
			}
		})
	}
}

// organizationsWith is the suite on organizations that one function changes.
func organizationsWith(change func(ports.Organizations) ports.Organizations) func(t *testing.T) {
	return func(t *testing.T) {
		RunOrganizations(t, func(t *testing.T) Registry {
			r := openMemory(t)
			r.Organizations = change(r.Organizations)
			return r
		})
	}
}

type oddOrganizations struct {
	ports.Organizations
	insert func(ctx context.Context, o domain.Organization) error
	byKey  func(ctx context.Context, key string) (domain.Organization, error)
	due    func(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error)
	set    func(ctx context.Context, o domain.Organization, ifVersion int64) error
}

func (odd oddOrganizations) Insert(ctx context.Context, o domain.Organization) error {
	if odd.insert != nil {
		return odd.insert(ctx, o)
	}
	return odd.Organizations.Insert(ctx, o)
}

func (odd oddOrganizations) ByNameKey(ctx context.Context, key string) (domain.Organization, error) {
	if odd.byKey != nil {
		return odd.byKey(ctx, key)
	}
	return odd.Organizations.ByNameKey(ctx, key)
}

func (odd oddOrganizations) Due(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error) {
	if odd.due != nil {
		return odd.due(ctx, until, limit)
	}
	return odd.Organizations.Due(ctx, until, limit)
}

func (odd oddOrganizations) Replace(ctx context.Context, o domain.Organization, ifVersion int64) error {
	if odd.set != nil {
		return odd.set(ctx, o, ifVersion)
	}
	return odd.Organizations.Replace(ctx, o, ifVersion)
}

// inserting changes what is inserted.
func inserting(change func(o *domain.Organization)) func(t *testing.T) {
	return organizationsWith(func(o ports.Organizations) ports.Organizations {
		return oddOrganizations{Organizations: o, insert: func(ctx context.Context, record domain.Organization) error {
			change(&record)
			return o.Insert(ctx, record)
		}}
	})
}

type oddAccounts struct {
	ports.Accounts
	remove func(ctx context.Context, id domain.AccountID) error
	byKey  func(ctx context.Context, key string) (domain.Account, error)
}

func (odd oddAccounts) Delete(ctx context.Context, id domain.AccountID) error {
	if odd.remove != nil {
		return odd.remove(ctx, id)
	}
	return odd.Accounts.Delete(ctx, id)
}

func (odd oddAccounts) ByEmailKey(ctx context.Context, key string) (domain.Account, error) {
	if odd.byKey != nil {
		return odd.byKey(ctx, key)
	}
	return odd.Accounts.ByEmailKey(ctx, key)
}

func accountsWith(change func(ports.Accounts) oddAccounts) func(t *testing.T) {
	return func(t *testing.T) {
		RunAccounts(t, func(t *testing.T) Registry {
			r := openMemory(t)
			r.Accounts = change(r.Accounts)
			return r
		})
	}
}

type oddNamespaces struct {
	ports.Namespaces
	ensure func(ctx context.Context, owner domain.OrganizationID, p domain.Placement) error
	rename func(ctx context.Context, identity string, from, to domain.Placement) error
}

func (odd oddNamespaces) Ensure(ctx context.Context, owner domain.OrganizationID, p domain.Placement) error {
	if odd.ensure != nil {
		return odd.ensure(ctx, owner, p)
	}
	return odd.Namespaces.Ensure(ctx, owner, p)
}

func (odd oddNamespaces) Rename(ctx context.Context, identity string, from, to domain.Placement) error {
	if odd.rename != nil {
		return odd.rename(ctx, identity, from, to)
	}
	return odd.Namespaces.Rename(ctx, identity, from, to)
}

func namespacesWith(change func(*memoryNamespaces) oddNamespaces) func(t *testing.T) {
	return func(t *testing.T) {
		RunNamespaces(t, func(*testing.T) Storage {
			m := newMemoryNamespaces()
			return Storage{Namespaces: change(m), Database: "tenants", Probe: memoryProbe{m}}
		})
	}
}

// directoryWith is the suite on a directory that one function changes.
func directoryWith(change func(memoryDirectory) ports.Directory) func(t *testing.T) {
	return func(t *testing.T) {
		RunDirectory(t, func(t *testing.T) Registry {
			r := openMemory(t)
			r.Directory = change(r.Directory.(memoryDirectory))
			return r
		})
	}
}

type oddDirectory struct {
	ports.Directory
	list  func(ctx context.Context, q ports.OrganizationQuery) ([]domain.Organization, error)
	purge func(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error)
}

func (odd oddDirectory) List(ctx context.Context, q ports.OrganizationQuery) ([]domain.Organization, error) {
	if odd.list != nil {
		return odd.list(ctx, q)
	}
	return odd.Directory.List(ctx, q)
}

func (odd oddDirectory) PurgeDue(ctx context.Context, until time.Time, limit int) ([]domain.Organization, error) {
	if odd.purge != nil {
		return odd.purge(ctx, until, limit)
	}
	return odd.Directory.PurgeDue(ctx, until, limit)
}

// asking changes what is asked of List.
func asking(change func(q *ports.OrganizationQuery)) func(t *testing.T) {
	return directoryWith(func(m memoryDirectory) ports.Directory {
		return oddDirectory{Directory: m, list: func(ctx context.Context, q ports.OrganizationQuery) ([]domain.Organization, error) {
			change(&q)
			return m.List(ctx, q)
		}}
	})
}

// requestsWith is the suite on requests that one function changes.
func requestsWith(change func(ports.Requests) ports.Requests) func(t *testing.T) {
	return func(t *testing.T) {
		RunRequests(t, func(t *testing.T) Registry {
			r := openMemory(t)
			r.Requests = change(r.Requests)
			return r
		})
	}
}

type oddRequests struct {
	ports.Requests
	byID   func(ctx context.Context, id string) (domain.Request, error)
	forget func(ctx context.Context, until time.Time, limit int) (int, error)
}

func (odd oddRequests) ByID(ctx context.Context, id string) (domain.Request, error) {
	if odd.byID != nil {
		return odd.byID(ctx, id)
	}
	return odd.Requests.ByID(ctx, id)
}

func (odd oddRequests) Forget(ctx context.Context, until time.Time, limit int) (int, error) {
	if odd.forget != nil {
		return odd.forget(ctx, until, limit)
	}
	return odd.Requests.Forget(ctx, until, limit)
}

// inventoryWith is the suite on an inventory that one function changes.
func inventoryWith(change func(memoryInventory) oddInventory) func(t *testing.T) {
	return func(t *testing.T) {
		RunInventory(t, func(t *testing.T) Storage {
			s := openStorage(true)(t)
			s.Inventory = change(s.Inventory.(memoryInventory))
			return s
		})
	}
}

type oddInventory struct {
	ports.Inventory
	merge      func(ctx context.Context, from, to domain.Placement) (int64, error)
	quarantine func(ctx context.Context, p domain.Placement) (string, error)
}

func (odd oddInventory) Merge(ctx context.Context, from, to domain.Placement) (int64, error) {
	if odd.merge != nil {
		return odd.merge(ctx, from, to)
	}
	return odd.Inventory.Merge(ctx, from, to)
}

func (odd oddInventory) Quarantine(ctx context.Context, p domain.Placement) (string, error) {
	if odd.quarantine != nil {
		return odd.quarantine(ctx, p)
	}
	return odd.Inventory.Quarantine(ctx, p)
}

package app

import (
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/ports"
)

// Store is what an engine offers to the use cases: *sqlite.Store and *mongo.Store do.
type Store interface {
	Organizations() ports.Organizations
	Directory() ports.Directory
	Accounts() ports.Accounts
	Census() ports.Census
	Requests() ports.Requests
	Usages() ports.Usages
	Structure() ports.Structure
	Moves() ports.Moves
	Mover() ports.Mover
	// Storage is what the engine has for each strategy.
	Storage() map[domain.Strategy]ports.Storage
}

// On returns dependencies with the store's part of them. The rest is to be set.
func On(s Store) Dependencies {
	return Dependencies{
		Organizations: s.Organizations(),
		Directory:     s.Directory(),
		Accounts:      s.Accounts(),
		Census:        s.Census(),
		Requests:      s.Requests(),
		Usages:        s.Usages(),
		Structure:     s.Structure(),
		Moves:         s.Moves(),
		Mover:         s.Mover(),
		Storage:       s.Storage(),
	}
}

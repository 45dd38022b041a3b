package domain

// Strategy says how an organization's documents are kept apart.
type Strategy string

// The strategies.
const (
	// StrategyCollection gives each organization a collection (SQLite: a table) of
	// its own.
	StrategyCollection Strategy = "collection"
	// StrategyDatabase gives each organization a database (SQLite: a file) of its own.
	StrategyDatabase Strategy = "database"
	// StrategyShared keeps the documents of all organizations in one collection
	// (SQLite: a table), each with its organization's ID.
	StrategyShared Strategy = "shared"
)

// Strategies returns all strategies.
func Strategies() []Strategy {
	return []Strategy{StrategyCollection, StrategyDatabase, StrategyShared}
}

// The collections that documents are in, other than those of StrategyCollection.
const (
	// SharedCollection has the documents of StrategyShared.
	SharedCollection = "tenants"
	// OwnCollection has the documents in a database of StrategyDatabase.
	OwnCollection = "documents"
)

// databaseMaxBytes is MongoDB's bound on a database's name.
const databaseMaxBytes = 63

// OwnDatabase is the name of the database that holds the documents: of
// StrategyDatabase Database "_" Namespace, otherwise Database.
func (p Placement) OwnDatabase() string {
	if p.Strategy == StrategyDatabase {
		return p.Database + "_" + p.Namespace
	}
	return p.Database
}

// LeftSuffix is at the end of the name of a collection of its own that an organization has
// left by a move. No namespace's name has a dot.
const LeftSuffix = ".left"

// Collection is the name of the collection that holds the documents.
func (p Placement) Collection() string {
	if p.IsZero() {
		return ""
	}
	name := p.Namespace
	switch p.Strategy {
	case StrategyShared:
		return SharedCollection
	case StrategyDatabase:
		name = OwnCollection
	case StrategyCollection:
	}
	if p.State == PlacementLeft {
		name += LeftSuffix
	}
	return name
}

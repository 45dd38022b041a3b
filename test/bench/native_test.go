package bench

import (
	"context"
	"fmt"
	"strings"
)

// settings is an environment to look into.
type settings []string

func (s settings) get(name string) string {
	for _, entry := range s {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// openNative opens the store that the program would use with the environment.
func openNative(ctx context.Context, environment settings) (native, error) {
	switch store := environment.get("STORE"); store {
	case "sqlite":
		return openSQLite(ctx, environment.get("DATA_DIR"))
	case "mongo":
		return openMongo(ctx, environment.get("MONGO_URI"), environment.get("MASTER_DB"), environment.get("TENANT_DB"))
	default:
		return nil, fmt.Errorf("no store %q", store)
	}
}

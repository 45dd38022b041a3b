package config

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/orgkeeper/orgkeeper/domain"
)

const (
	minSecretBytes = 32
	maxExpSeconds  = 365 * 24 * 60 * 60
	maxConcurrency = 1024
	maxInFlight    = 100_000
	maxAttempts    = 1000
	maxMoves       = 100
	// Of what package httpapi takes for a token; a request's headers have 16 KiB.
	maxTokenBytes = 4096

	// The bounds of package argon2id, within which its hashes can be verified.
	maxMemoryKiB  = 1 << 20
	maxIterations = 64
	maxWorkKiB    = 4 << 20
)

// check returns what is wrong with a field that could be read, or "".
func (c *Config) check(f field) string {
	switch {
	case f.name == "MONGO_URI" && c.Store == StoreMongo && c.MongoURI.IsZero():
		return "must be set with STORE=mongo, such as mongodb://127.0.0.1:27017"
	case f.name == "JWT_SECRET" && c.Store == StoreMongo && c.JWTSecret.IsZero():
		return "must be set with STORE=mongo, since all instances share it; make one with: openssl rand -hex 32"
	case f.name == "TENANT_DB" && c.TenantDB != c.MasterDB && strings.EqualFold(c.TenantDB, c.MasterDB):
		return "must not differ from MASTER_DB by case alone, which MongoDB refuses"
	case f.name == "TENANCY" && c.good(f.name) && c.Store == StoreMongo &&
		!domain.Tenancy{Database: c.TenantDB}.Allows(domain.Strategy(c.Tenancy)):
		return "can't be database with so long a TENANT_DB, which the names of the databases begin with: it may have 40 bytes"
	case !c.good(f.name):
		return "must be " + f.want
	}
	return ""
}

// good reports whether a variable's value is allowed.
func (c *Config) good(name string) bool {
	switch name {
	case "HTTP_ADDR":
		return isListenAddress(c.HTTPAddr)
	case "STORE":
		return c.Store == StoreSQLite || c.Store == StoreMongo
	case "DATA_DIR":
		return !strings.ContainsRune(c.DataDir, 0)
	case "MONGO_URI":
		return c.MongoURI.IsZero() || c.MongoURI.valid()
	case "MASTER_DB":
		return isDatabaseName(c.MasterDB)
	case "TENANT_DB":
		return c.Sources[name] == SourceDefault || isDatabaseName(c.TenantDB)
	case "TENANCY":
		return slices.Contains(domain.Strategies(), domain.Strategy(c.Tenancy))
	case "NAMESPACE_NAMES":
		return slices.Contains([]domain.NamespaceNames{domain.NamesByName, domain.NamesByID}, domain.NamespaceNames(c.NamespaceNames))
	case "JWT_SECRET":
		return c.JWTSecret.IsZero() || len(c.JWTSecret.Reveal()) >= minSecretBytes
	case "OPERATOR_TOKEN":
		return areOperatorTokens(c.OperatorTokens())
	case "JWT_ALGORITHM":
		return slices.Contains([]string{"HS256", "HS384", "HS512"}, c.JWTAlgorithm)
	case "JWT_EXP_SECONDS":
		return within(c.JWTExpSeconds, 1, maxExpSeconds)
	case "ARGON2_MEMORY_KIB":
		return within(c.Argon2MemoryKiB, 8*max(1, uint32(c.Argon2Parallelism)), maxMemoryKiB)
	case "ARGON2_ITERATIONS":
		work := uint64(c.Argon2Iterations) * uint64(c.Argon2MemoryKiB)
		return within(c.Argon2Iterations, 1, maxIterations) && (work <= maxWorkKiB || c.Argon2MemoryKiB > maxMemoryKiB)
	case "ARGON2_PARALLELISM":
		return c.Argon2Parallelism >= 1
	case "HASH_CONCURRENCY":
		return within(c.HashConcurrency, 1, maxConcurrency)
	case "PASSWORD_MIN_LENGTH":
		return within(c.PasswordMinLength, domain.PasswordMinFloor, domain.PasswordMaxRunes)
	case "DELETE_RETENTION":
		return c.DeleteRetention >= 0
	case "SIGNUP":
		return c.Signup == "open" || c.Signup == "closed"
	case "MAX_ORGANIZATIONS":
		return c.MaxOrganizations >= 0
	case "QUOTA_DOCUMENTS":
		return c.QuotaDocuments >= 0
	case "QUOTA_BYTES":
		return c.QuotaBytes >= 0
	case "RATE_LIMIT_CREATE":
		return c.RateLimitCreate >= 0
	case "RATE_LIMIT_LOGIN":
		return c.RateLimitLogin >= 0
	case "RATE_LIMIT_GET":
		return c.RateLimitGet >= 0
	case "MAX_REQUESTS_IN_FLIGHT":
		return within(c.MaxRequestsInFlight, 1, maxInFlight)
	case "ADMIN_ADDR":
		return c.AdminOff() || isListenAddress(c.AdminAddr)
	case "OTEL_EXPORTER_OTLP_ENDPOINT":
		return c.OTLPEndpoint == "" || isEndpoint(c.OTLPEndpoint)
	case "OPERATION_LEASE":
		return c.OperationLease > 0
	case "OPERATION_ATTEMPTS":
		return within(c.OperationAttempts, 1, maxAttempts)
	case "SWEEP_INTERVAL":
		return c.SweepInterval > 0
	case "MOVE_RATE":
		return c.MoveRate >= 0
	case "MOVE_GRACE":
		return c.MoveGrace > 0
	case "MOVES_AT_ONCE":
		return within(c.MovesAtOnce, 1, maxMoves)
	case "LOG_LEVEL":
		return slices.Contains([]string{"debug", "info", "warn", "error"}, c.LogLevel)
	case "LOG_FORMAT":
		return c.LogFormat == "json" || c.LogFormat == "text"
	case "SHUTDOWN_GRACE":
		return c.ShutdownGrace > 0
	}
	return true // Its type says all.
}

func within[T int | uint32](n, low, high T) bool { return n >= low && n <= high }

// areOperatorTokens takes at most two tokens that a header can hold.
func areOperatorTokens(tokens []domain.Secret) bool {
	const marks = "-._~+/="
	for _, token := range tokens {
		text := token.Reveal()
		if len(text) < minSecretBytes || len(text) > maxTokenBytes || strings.ContainsFunc(text, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune(marks, r)
		}) {
			return false
		}
	}
	return len(tokens) <= 2
}

// isListenAddress takes host:port, the host empty, an IP address or a name.
func isListenAddress(s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return false
	}
	_, err = netip.ParseAddr(host)
	return host == "" || err == nil || isHostName(host)
}

func isHostName(s string) bool {
	return s != "" && len(s) <= 253 && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// isEndpoint takes the URL of a server, perhaps with a path.
func isEndpoint(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && isHost(u.Host) &&
		u.User == nil && u.RawQuery == "" && u.Fragment == "" && u.String() == s
}

// isDatabaseName follows MongoDB's "Restrictions on Database Names for Windows",
// which are the stricter ones, and keeps off the server's own databases.
func isDatabaseName(s string) bool {
	return s != "" && len(s) <= 63 &&
		!strings.ContainsAny(s, "/\\. \"$*<>:|?\x00") &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) &&
		!slices.Contains([]string{"admin", "local", "config"}, strings.ToLower(s))
}

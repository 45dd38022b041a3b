package config

import (
	"log/slog"
	"strings"
	"time"

	"github.com/orgkeeper/orgkeeper/domain"
)

// The engines of Config.Store.
const (
	StoreSQLite = "sqlite"
	StoreMongo  = "mongo"
)

// adminNone is the Config.AdminAddr that serves nothing.
const adminNone = "none"

// Config is all that a deployment sets. Load fills it.
//
// Tags: default is what holds where the variable is unset, or fallback says it in
// words where it depends on others; desc is for people; want completes "must be"
// when the value is wrong.
type Config struct {
	HTTPAddr string `envconfig:"HTTP_ADDR" default:":8000" desc:"Address that the HTTP server listens on." want:"an address to listen on, such as :8000 or 127.0.0.1:8000"`

	Store    string   `envconfig:"STORE" fallback:"sqlite, or mongo where MONGO_URI is set" desc:"Engine: sqlite or mongo." want:"sqlite or mongo"`
	DataDir  string   `envconfig:"DATA_DIR" default:"./data" desc:"Folder of the SQLite files and of a made JWT secret." want:"a folder"`
	MongoURI MongoURI `envconfig:"MONGO_URI" desc:"MongoDB's connection string." want:"a MongoDB connection string, such as mongodb://127.0.0.1:27017, with every : / ? # [ ] @ of a user name or password percent-encoded"`
	MasterDB string   `envconfig:"MASTER_DB" default:"master_db" desc:"MongoDB database of the registry." want:"the name of a database: at most 63 bytes, none of / \\ . \" $ * < > : | ? or space, not admin, local or config"`
	TenantDB string   `envconfig:"TENANT_DB" fallback:"MASTER_DB" desc:"MongoDB database of the organizations' collections. One apart from MASTER_DB keeps its readers away from password hashes." want:"the name of a database: at most 63 bytes, none of / \\ . \" $ * < > : | ? or space, not admin, local or config"`

	Tenancy        string `envconfig:"TENANCY" default:"collection" desc:"How the documents of new organizations are kept: collection (one for each), database (one for each) or shared (one collection for all). Existing ones stay as they are." want:"collection, database or shared"`
	NamespaceNames string `envconfig:"NAMESPACE_NAMES" default:"name" desc:"What collections and databases of organizations are called by: name (a collection is renamed with its organization) or id (a rename touches the registry alone)." want:"name or id"`

	JWTSecret     Secret `envconfig:"JWT_SECRET" alias:"SECRET_KEY" fallback:"with SQLite made once and kept in DATA_DIR; required with MongoDB" desc:"Key that signs access tokens, at least 32 bytes; make one with: openssl rand -hex 32. SECRET_KEY is another name for it." want:"at least 32 bytes; make one with: openssl rand -hex 32"`
	JWTAlgorithm  string `envconfig:"JWT_ALGORITHM" default:"HS256" desc:"Signature of access tokens: HS256, HS384 or HS512." want:"HS256, HS384 or HS512"`
	JWTExpSeconds int    `envconfig:"JWT_EXP_SECONDS" default:"3600" desc:"Seconds until an access token expires." want:"a whole number of seconds from 1 to 31536000, a year"`
	JWTIssuer     string `envconfig:"JWT_ISSUER" default:"orgkeeper" desc:"Issuer (iss) that tokens are given and must have." want:"a text"`
	JWTAudience   string `envconfig:"JWT_AUDIENCE" default:"orgkeeper" desc:"Audience (aud) that tokens are given and must have." want:"a text"`

	OperatorToken Secret `envconfig:"OPERATOR_TOKEN" fallback:"none: there are no routes for operators" desc:"Token that lets operators in under /v1, at least 32 bytes; make one with: openssl rand -hex 32. Two separated by a comma are both good, so that it can be changed." want:"one token, or two separated by a comma, each of at least 32 bytes out of A-Z a-z 0-9 - . _ ~ + / =; make one with: openssl rand -hex 32"`

	Argon2MemoryKiB   uint32 `envconfig:"ARGON2_MEMORY_KIB" default:"19456" desc:"Memory of one password hash, in KiB." want:"a whole number from 8 for each of ARGON2_PARALLELISM to 1048576, 1 GiB"`
	Argon2Iterations  uint32 `envconfig:"ARGON2_ITERATIONS" default:"2" desc:"Passes of a password hash over its memory." want:"a whole number from 1 to 64, and times ARGON2_MEMORY_KIB at most 4194304"`
	Argon2Parallelism uint8  `envconfig:"ARGON2_PARALLELISM" default:"1" desc:"Lanes of a password hash, each a thread." want:"a whole number from 1 to 255"`
	HashConcurrency   int    `envconfig:"HASH_CONCURRENCY" fallback:"the number of cores" desc:"Password hashes that run at once; each takes ARGON2_MEMORY_KIB." want:"a whole number from 1 to 1024"`
	PasswordMinLength int    `envconfig:"PASSWORD_MIN_LENGTH" default:"8" desc:"Least number of characters of a new password." want:"a whole number from 6 to 256"`

	DeleteRetention  time.Duration `envconfig:"DELETE_RETENTION" default:"0s" desc:"How long a deleted organization's data is kept, so that it can be restored. 0s drops it at once." want:"a duration such as 720h, or 0s to drop the data at once"`
	Signup           string        `envconfig:"SIGNUP" default:"open" desc:"Whether the public may create organizations: open or closed." want:"open or closed"`
	MaxOrganizations int           `envconfig:"MAX_ORGANIZATIONS" default:"0" desc:"Most organizations that may live at once; 0 is no bound." want:"a whole number, 0 for no bound"`
	QuotaDocuments   int64         `envconfig:"QUOTA_DOCUMENTS" default:"0" desc:"Most documents of an organization that has no quota of its own; 0 is no bound." want:"a whole number, 0 for no bound"`
	QuotaBytes       int64         `envconfig:"QUOTA_BYTES" default:"0" desc:"Most bytes of an organization's documents, without indexes, unless it has a quota of its own; 0 is no bound." want:"a whole number, 0 for no bound"`
	PublicOrgGet     bool          `envconfig:"PUBLIC_ORG_GET" default:"true" desc:"Whether GET /org/get needs no token." want:"true or false"`

	RateLimitCreate int      `envconfig:"RATE_LIMIT_CREATE" default:"10" desc:"Creations a minute for one client address; 0 is no limit." want:"a whole number of requests a minute, 0 for no limit"`
	RateLimitLogin  int      `envconfig:"RATE_LIMIT_LOGIN" default:"30" desc:"Log-ins a minute for one client address; 0 is no limit." want:"a whole number of requests a minute, 0 for no limit"`
	RateLimitGet    int      `envconfig:"RATE_LIMIT_GET" default:"0" desc:"Look-ups by name a minute for one client address; 0 is no limit." want:"a whole number of requests a minute, 0 for no limit"`
	RateLimitExempt Prefixes `envconfig:"RATE_LIMIT_EXEMPT" default:"127.0.0.0/8,::1/128" desc:"Networks without rate limits, for requests that were not forwarded; none is no network." want:"networks such as 10.0.0.0/8, separated by commas, or none"`
	TrustedProxies  Prefixes `envconfig:"TRUSTED_PROXIES" fallback:"none" desc:"Networks of proxies whose X-Forwarded-For is believed." want:"networks such as 10.0.0.0/8, separated by commas, or none"`
	CORSOrigins     Origins  `envconfig:"CORS_ORIGINS" fallback:"none" desc:"Web origins that browsers may call from, or * for all." want:"origins such as https://app.example.com, separated by commas, or * alone, or none"`

	MaxRequestsInFlight int `envconfig:"MAX_REQUESTS_IN_FLIGHT" default:"512" desc:"Requests that are served at once; more get 503 and are not read. Probes are not counted." want:"a whole number from 1 to 100000"`

	AdminAddr    string `envconfig:"ADMIN_ADDR" default:"127.0.0.1:9090" desc:"Address of /metrics and /debug/pprof, which ask for no token; each instance on a machine needs its own. none serves neither." want:"an address to listen on, such as 127.0.0.1:9090, or none"`
	OTLPEndpoint string `envconfig:"OTEL_EXPORTER_OTLP_ENDPOINT" fallback:"none: no traces" desc:"Where traces go, as OTLP over HTTP, such as http://127.0.0.1:4318. OpenTelemetry's other OTEL_ variables hold as well." want:"an http or https URL without user name, password and query, such as http://127.0.0.1:4318"`

	OperationLease    time.Duration `envconfig:"OPERATION_LEASE" default:"10s" desc:"How long an unfinished change is left to the instance that began it." want:"a duration above 0, such as 10s"`
	OperationAttempts int           `envconfig:"OPERATION_ATTEMPTS" default:"10" desc:"Attempts of a change that may fail, the store answering, before it waits for an operator." want:"a whole number from 1 to 1000"`
	SweepInterval     time.Duration `envconfig:"SWEEP_INTERVAL" default:"10m" desc:"Time between two looks for accounts and namespaces without an organization." want:"a duration above 0, such as 10m"`
	MoveRate          int           `envconfig:"MOVE_RATE" default:"0" desc:"Most documents a second that the move of an organization to another strategy copies or compares; 0 is no bound." want:"a whole number of documents a second, 0 for no bound"`
	MoveGrace         time.Duration `envconfig:"MOVE_GRACE" default:"1h" desc:"How long what an organization has left by a move is kept, before it is dropped." want:"a duration above 0, such as 1h"`
	MovesAtOnce       int           `envconfig:"MOVES_AT_ONCE" default:"2" desc:"Moves that run at once in this process; others wait." want:"a whole number from 1 to 100"`
	LogLevel          string        `envconfig:"LOG_LEVEL" default:"info" desc:"Least level that is logged: debug, info, warn or error." want:"debug, info, warn or error"`
	LogFormat         string        `envconfig:"LOG_FORMAT" default:"json" desc:"Form of the log: json or text." want:"json or text"`
	ShutdownGrace     time.Duration `envconfig:"SHUTDOWN_GRACE" default:"20s" desc:"How long requests may take to finish after SIGTERM." want:"a duration above 0, such as 20s"`

	// Sources says by variable where each value came from.
	Sources map[string]Source `ignored:"true"`
}

// TokenLifetime is how long an access token is good.
func (c Config) TokenLifetime() time.Duration {
	return time.Duration(c.JWTExpSeconds) * time.Second
}

// SignupClosed reports whether the public may not create organizations.
func (c Config) SignupClosed() bool { return c.Signup == "closed" }

// AdminOff reports whether metrics and profiles are not served.
func (c Config) AdminOff() bool { return c.AdminAddr == adminNone }

// OperatorTokens are the tokens that let operators in: none, one or two.
func (c Config) OperatorTokens() []domain.Secret {
	if c.OperatorToken.IsZero() {
		return nil
	}
	var tokens []domain.Secret
	for token := range strings.SplitSeq(c.OperatorToken.Reveal(), ",") {
		tokens = append(tokens, domain.NewSecret(strings.TrimSpace(token)))
	}
	return tokens
}

// SlogLevel is the least level that is logged.
func (c Config) SlogLevel() slog.Level {
	var level slog.Level // info
	_ = level.UnmarshalText([]byte(c.LogLevel))
	return level
}

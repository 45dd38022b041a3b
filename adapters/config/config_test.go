package config_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/config"
	"github.com/orgkeeper/orgkeeper/domain"
)

var update = flag.Bool("update", false, "write .env.example anew")

const (
	goodSecret = "0123456789abcdef0123456789abcdef"
	goodToken  = "an-operator.s_token~of+64/bytes=an-operator.s_token~of+64/bytes="
	goodURI    = "mongodb://127.0.0.1:27017"
	example    = "../../.env.example"
)

// variables are the names of all variables, by the struct's tags.
func variables() []string {
	var names []string
	for f := range reflect.TypeFor[config.Config]().Fields() {
		if name := f.Tag.Get("envconfig"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// load reads a configuration of these variables and this .env file alone.
func load(t *testing.T, set map[string]string, file string) (config.Config, error) {
	t.Helper()
	for _, name := range append(variables(), "SECRET_KEY") {
		t.Setenv(name, "") // Restores it after the test, whatever Load does.
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range set {
		t.Setenv(name, value)
	}
	path := filepath.Join(t.TempDir(), ".env")
	if file != "" {
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return config.Load(path)
}

func mustLoad(t *testing.T, set map[string]string, file string) config.Config {
	t.Helper()
	c, err := load(t, set, file)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaults(t *testing.T) {
	got := mustLoad(t, nil, "")
	for name, source := range got.Sources {
		if source != config.SourceDefault {
			t.Errorf("%s comes from %s, want default", name, source)
		}
	}
	if len(got.Sources) != len(variables()) {
		t.Errorf("%d sources, want %d", len(got.Sources), len(variables()))
	}
	got.Sources = nil
	want := config.Config{
		HTTPAddr: ":8000", Store: "sqlite", DataDir: "./data", MasterDB: "master_db", TenantDB: "master_db",
		Tenancy: "collection", NamespaceNames: "name",
		JWTAlgorithm: "HS256", JWTExpSeconds: 3600, JWTIssuer: "orgkeeper", JWTAudience: "orgkeeper",
		Argon2MemoryKiB: 19456, Argon2Iterations: 2, Argon2Parallelism: 1, HashConcurrency: runtime.GOMAXPROCS(0),
		PasswordMinLength: domain.PasswordMinDefault, Signup: "open", PublicOrgGet: true,
		RateLimitCreate: 10, RateLimitLogin: 30,
		RateLimitExempt:     config.Prefixes{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		MaxRequestsInFlight: 512, AdminAddr: "127.0.0.1:9090",
		OperationLease: 10 * time.Second, OperationAttempts: 10, SweepInterval: 10 * time.Minute, MoveGrace: time.Hour, MovesAtOnce: 2, LogLevel: "info", LogFormat: "json", ShutdownGrace: 20 * time.Second,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got.OperatorTokens() != nil {
		t.Error("there are operator tokens")
	}
	if got.TokenLifetime() != time.Hour || got.AdminOff() || got.SignupClosed() || got.SlogLevel() != 0 {
		t.Errorf("lifetime %v, sign-up closed %v, level %v", got.TokenLifetime(), got.SignupClosed(), got.SlogLevel())
	}
}

// everything sets each variable to something other than its default.
var everything = map[string]string{
	"HTTP_ADDR": "127.0.0.1:0", "STORE": "MONGO", "DATA_DIR": "/data", "MONGO_URI": "mongodb://u:p@h1:1,h2:2/?replicaSet=rs0",
	"MASTER_DB": "registry", "TENANT_DB": "tenants", "TENANCY": "Shared", "NAMESPACE_NAMES": "ID", "JWT_SECRET": goodSecret, "JWT_ALGORITHM": "hs512",
	"JWT_EXP_SECONDS": "60", "JWT_ISSUER": "me", "JWT_AUDIENCE": "you", "ARGON2_MEMORY_KIB": "65536",
	"ARGON2_ITERATIONS": "3", "ARGON2_PARALLELISM": "4", "HASH_CONCURRENCY": "3", "PASSWORD_MIN_LENGTH": "12",
	"DELETE_RETENTION": "720h", "SIGNUP": "Closed", "MAX_ORGANIZATIONS": "100", "QUOTA_DOCUMENTS": "1000", "QUOTA_BYTES": "9223372036854775807", "PUBLIC_ORG_GET": "false",
	"RATE_LIMIT_CREATE": "1", "RATE_LIMIT_LOGIN": "2", "RATE_LIMIT_GET": "3", "RATE_LIMIT_EXEMPT": "none",
	"TRUSTED_PROXIES": "10.1.2.3/8, ::ffff:192.0.2.7 ,2001:db8::/32,::ffff:172.16.0.0/108", "CORS_ORIGINS": "https://App.example.com,http://localhost:3000",
	"MAX_REQUESTS_IN_FLIGHT": "7", "ADMIN_ADDR": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://otel.example.com:4318/base",
	"OPERATOR_TOKEN": goodToken + " , " + strings.ToUpper(goodToken), "OPERATION_ATTEMPTS": "3", "SWEEP_INTERVAL": "1h", "MOVE_RATE": "500", "MOVE_GRACE": "24h", "MOVES_AT_ONCE": "4",
	"OPERATION_LEASE": "1m", "LOG_LEVEL": "WARN", "LOG_FORMAT": "text", "SHUTDOWN_GRACE": "5s",
}

func TestEverythingIsRead(t *testing.T) {
	var file strings.Builder
	for name, value := range everything {
		fmt.Fprintf(&file, "%s='%s'\n", name, value)
	}
	for source, got := range map[config.Source]config.Config{
		config.SourceEnvironment: mustLoad(t, everything, ""),
		config.SourceFile:        mustLoad(t, nil, file.String()),
	} {
		for _, name := range variables() {
			if got.Sources[name] != source {
				t.Errorf("%s comes from %q, want %s", name, got.Sources[name], source)
			}
		}
		if tokens := got.OperatorTokens(); len(tokens) != 2 || tokens[0].Reveal() != goodToken || tokens[1].Reveal() != strings.ToUpper(goodToken) {
			t.Errorf("%d operator tokens, or their text is wrong", len(tokens))
		}
		if got.MongoURI.Reveal() != everything["MONGO_URI"] || got.JWTSecret.Reveal() != goodSecret {
			t.Error("a secret was not read")
		}
		got.Sources, got.MongoURI, got.JWTSecret, got.OperatorToken = nil, config.MongoURI{}, config.Secret{}, config.Secret{}
		prefix := netip.MustParsePrefix
		want := config.Config{
			HTTPAddr: "127.0.0.1:0", Store: "mongo", DataDir: "/data", MasterDB: "registry", TenantDB: "tenants",
			Tenancy: "shared", NamespaceNames: "id",
			JWTAlgorithm: "HS512", JWTExpSeconds: 60, JWTIssuer: "me", JWTAudience: "you",
			Argon2MemoryKiB: 65536, Argon2Iterations: 3, Argon2Parallelism: 4, HashConcurrency: 3,
			PasswordMinLength: 12, Signup: "closed", MaxOrganizations: 100, QuotaDocuments: 1000, QuotaBytes: 1<<63 - 1,
			RateLimitCreate: 1, RateLimitLogin: 2, RateLimitGet: 3,
			TrustedProxies:      config.Prefixes{prefix("10.0.0.0/8"), prefix("192.0.2.7/32"), prefix("2001:db8::/32"), prefix("172.16.0.0/12")},
			CORSOrigins:         config.Origins{"https://app.example.com", "http://localhost:3000"},
			MaxRequestsInFlight: 7, AdminAddr: "none", OTLPEndpoint: "https://otel.example.com:4318/base",
			OperationLease: time.Minute, OperationAttempts: 3, SweepInterval: time.Hour, MoveRate: 500, MoveGrace: 24 * time.Hour, MovesAtOnce: 4, DeleteRetention: 720 * time.Hour, LogLevel: "warn", LogFormat: "text", ShutdownGrace: 5 * time.Second,
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("from %s: got  %+v\nwant %+v", source, got, want)
		}
		if !got.AdminOff() || !got.SignupClosed() || got.SlogLevel() != 4 {
			t.Errorf("sign-up closed %v, level %v", got.SignupClosed(), got.SlogLevel())
		}
	}
	for _, name := range variables() {
		if everything[name] == "" {
			t.Errorf("%s is missing in this test", name)
		}
	}
}

func TestStoreFollowsMongoURI(t *testing.T) {
	for _, test := range []struct{ store, uri, want string }{
		{"", "", "sqlite"},
		{"", goodURI, "mongo"},
		{"sqlite", goodURI, "sqlite"},
		{"mongo", goodURI, "mongo"},
	} {
		c := mustLoad(t, map[string]string{"STORE": test.store, "MONGO_URI": test.uri, "JWT_SECRET": goodSecret}, "")
		if c.Store != test.want {
			t.Errorf("STORE=%s MONGO_URI=%s: got %s, want %s", test.store, test.uri, c.Store, test.want)
		}
	}
}

func TestNoneIsEmpty(t *testing.T) {
	c := mustLoad(t, map[string]string{"RATE_LIMIT_EXEMPT": "none", "TRUSTED_PROXIES": " none ", "CORS_ORIGINS": "none"}, "")
	if len(c.RateLimitExempt)+len(c.TrustedProxies)+len(c.CORSOrigins) != 0 {
		t.Errorf("got %v, %v, %v", c.RateLimitExempt, c.TrustedProxies, c.CORSOrigins)
	}
	all := mustLoad(t, map[string]string{"CORS_ORIGINS": "*"}, "")
	if all.CORSOrigins.String() != "*" {
		t.Errorf("got %v, want *", all.CORSOrigins)
	}
}

func TestPrefixesContain(t *testing.T) {
	p := mustLoad(t, nil, "").RateLimitExempt
	for address, want := range map[string]bool{
		"127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"128.0.0.1": false, "::2": false, "::ffff:10.0.0.1": false,
	} {
		if got := p.Contains(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
	if p.Contains(netip.Addr{}) {
		t.Error("no address is contained")
	}
}

func TestEmptyIsUnset(t *testing.T) {
	set := make(map[string]string)
	for _, name := range append(variables(), "SECRET_KEY") {
		set[name] = ""
	}
	c := mustLoad(t, set, "HTTP_ADDR=:9\nLOG_LEVEL=\n")
	if c.HTTPAddr != ":9" || c.Sources["HTTP_ADDR"] != config.SourceFile {
		t.Errorf("HTTP_ADDR=%s from %s, want the file's", c.HTTPAddr, c.Sources["HTTP_ADDR"])
	}
	if c.LogLevel != "info" || c.Sources["LOG_LEVEL"] != config.SourceDefault {
		t.Errorf("LOG_LEVEL=%s from %s, want the default", c.LogLevel, c.Sources["LOG_LEVEL"])
	}
}

func TestFileDoesNotOverride(t *testing.T) {
	c := mustLoad(t, map[string]string{"HTTP_ADDR": ":1"}, "HTTP_ADDR=:2\nexport LOG_LEVEL=debug # loud\nSOMETHING_ELSE=1\n")
	if c.HTTPAddr != ":1" || c.Sources["HTTP_ADDR"] != config.SourceEnvironment {
		t.Errorf("HTTP_ADDR=%s from %s", c.HTTPAddr, c.Sources["HTTP_ADDR"])
	}
	if c.LogLevel != "debug" || c.Sources["LOG_LEVEL"] != config.SourceFile {
		t.Errorf("LOG_LEVEL=%s from %s", c.LogLevel, c.Sources["LOG_LEVEL"])
	}
	if os.Getenv("SOMETHING_ELSE") != "1" || os.Getenv("HTTP_ADDR") != ":1" {
		t.Error("the environment is not as godotenv.Load leaves it")
	}
	t.Setenv("SOMETHING_ELSE", "")
	_ = os.Unsetenv("SOMETHING_ELSE")
}

func TestAlias(t *testing.T) {
	other := strings.ToUpper(goodSecret)
	for _, test := range []struct {
		name   string
		set    map[string]string
		file   string
		want   string
		source config.Source
	}{
		{"alias", map[string]string{"SECRET_KEY": goodSecret}, "", goodSecret, "environment, as SECRET_KEY"},
		{"alias in the file", nil, "SECRET_KEY=" + goodSecret, goodSecret, ".env, as SECRET_KEY"},
		{"both", map[string]string{"SECRET_KEY": other, "JWT_SECRET": goodSecret}, "", goodSecret, config.SourceEnvironment},
		{"both in the file", nil, "SECRET_KEY=" + other + "\nJWT_SECRET=" + goodSecret, goodSecret, config.SourceFile},
		{"alias over the file", map[string]string{"SECRET_KEY": goodSecret}, "JWT_SECRET=" + other, goodSecret, "environment, as SECRET_KEY"},
		{"empty one, alias", map[string]string{"SECRET_KEY": goodSecret, "JWT_SECRET": ""}, "", goodSecret, "environment, as SECRET_KEY"},
		{"empty alias", map[string]string{"SECRET_KEY": ""}, "JWT_SECRET=" + goodSecret, goodSecret, config.SourceFile},
	} {
		c := mustLoad(t, test.set, test.file)
		if c.JWTSecret.Reveal() != test.want || c.Sources["JWT_SECRET"] != test.source {
			t.Errorf("%s: from %q, want %q, or the value is wrong", test.name, c.Sources["JWT_SECRET"], test.source)
		}
	}
	_, err := load(t, map[string]string{"SECRET_KEY": "short"}, "")
	if err == nil || !strings.Contains(err.Error(), "SECRET_KEY: must be at least 32 bytes") {
		t.Errorf("a short alias: %v", err)
	}
}

func TestDescriptionsCoverTheStruct(t *testing.T) {
	table, usage, file := config.Table(), config.Usage(), config.Example()
	for f := range reflect.TypeFor[config.Config]().Fields() {
		name := f.Tag.Get("envconfig")
		if name == "" {
			if f.Name != "Sources" {
				t.Errorf("%s is no variable", f.Name)
			}
			continue
		}
		if f.Tag.Get("desc") == "" || f.Tag.Get("want") == "" && !strings.HasPrefix(f.Type.String(), "config.") {
			t.Errorf("%s lacks a tag", name)
		}
		if strings.Count(table, "| `"+name+"` |") != 1 {
			t.Errorf("%s is not once in the table", name)
		}
		if strings.Count("\n"+usage, "\n"+name+" ") != 1 {
			t.Errorf("%s is not once in the usage", name)
		}
		if !strings.Contains(file, fmt.Sprintf("# %s\n", f.Tag.Get("desc"))) || !strings.Contains(file, fmt.Sprintf("\n#%s=%s\n", name, f.Tag.Get("default"))) {
			t.Errorf("%s is not in the example", name)
		}
	}
	for line := range strings.Lines(table) {
		if strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 4 {
			t.Errorf("not three cells: %s", line)
		}
	}
}

// Run with -update after a change of the struct.
func TestExampleFile(t *testing.T) {
	if *update {
		if err := os.WriteFile(example, []byte(config.Example()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(example)
	if err != nil || string(got) != config.Example() {
		t.Errorf(".env.example is not as the struct says (%v); run go test ./adapters/config -update", err)
	}
	// With the # taken off it says the defaults.
	var file strings.Builder
	for line := range strings.Lines(string(got)) {
		if strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "# ") {
			line = line[1:]
		}
		file.WriteString(line)
	}
	defaults := mustLoad(t, nil, "")
	fromFile := mustLoad(t, nil, file.String())
	defaults.Sources, fromFile.Sources = nil, nil
	if !reflect.DeepEqual(defaults, fromFile) {
		t.Errorf("got  %+v\nwant %+v", fromFile, defaults)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	const marker = "mArKeR"
	c := mustLoad(t, map[string]string{
		"JWT_SECRET": marker + goodSecret, "OPERATOR_TOKEN": marker + goodToken,
		"MONGO_URI": "mongodb://ada:" + marker + "@h/?authMechanismProperties=AWS_SESSION_TOKEN:" + marker + "&tlsCertificateKeyFilePassword=" + marker + "&tls=true",
		"DATA_DIR":  "postgres://ada:" + marker + "@h/x", "JWT_ISSUER": "http://" + marker + "@h",
		"JWT_AUDIENCE": "red\x1b[31m",
	}, "")
	var printed strings.Builder
	if err := c.Print(&printed); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"mongodb://ada:[redacted]@h/?authMechanismProperties=[redacted]&tlsCertificateKeyFilePassword=[redacted]&tls=true",
		"JWT_SECRET                   [redacted]", `"red\x1b[31m"`, "PUBLIC_ORG_GET               true", "CORS_ORIGINS                 (none)",
	} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("%q is not in\n%s", want, printed.String())
		}
	}
	if strings.Contains(printed.String(), marker) {
		t.Errorf("Print shows a secret:\n%s", printed.String())
	}
	c.DataDir, c.JWTIssuer = "", ""
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if formatted := fmt.Sprintf("%v %+v %#v %s", c, c, c, asJSON); strings.Contains(formatted, marker) {
		t.Errorf("a formatter shows a secret: %s", formatted)
	}
}

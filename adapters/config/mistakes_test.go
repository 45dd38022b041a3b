package config_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/config"
)

const databaseName = "must be the name of a database"

// mistakes are wrong values and what is said about them.
var mistakes = map[string]struct {
	values []string
	want   string
}{
	"HTTP_ADDR":                   {[]string{"8000", "localhost", ":http", ":65536", ":-1", "a b:80", "127.0.0.1", "http://h:80", "[::1:80"}, "must be an address to listen on"},
	"STORE":                       {[]string{"postgres", "sqlite "}, "must be sqlite or mongo"},
	"MONGO_URI":                   {badURIs, "must be a MongoDB connection string"},
	"MASTER_DB":                   {[]string{"a.b", "a/b", "a b", "a$b", `a"b`, "admin", "Local", "config", strings.Repeat("x", 64), "a\u0007b"}, databaseName},
	"TENANT_DB":                   {[]string{"a.b", "admin"}, databaseName},
	"TENANCY":                     {[]string{"collections", "none", "shared "}, "must be collection, database or shared"},
	"NAMESPACE_NAMES":             {[]string{"names", "uuid"}, "must be name or id"},
	"JWT_SECRET":                  {[]string{"short", goodSecret[1:]}, "make one with: openssl rand -hex 32"},
	"JWT_ALGORITHM":               {[]string{"none", "RS256", "HS1"}, "must be HS256, HS384 or HS512"},
	"JWT_EXP_SECONDS":             {[]string{"0", "-1", "1h", "3600.5", "31536001", "99999999999999999999"}, "must be a whole number of seconds"},
	"ARGON2_MEMORY_KIB":           {[]string{"0", "7", "-8", "1048577", "4294967296", "19MiB"}, "must be a whole number from 8"},
	"ARGON2_ITERATIONS":           {[]string{"0", "65", "-1", "two"}, "must be a whole number from 1 to 64"},
	"ARGON2_PARALLELISM":          {[]string{"0", "256", "-1"}, "must be a whole number from 1 to 255"},
	"HASH_CONCURRENCY":            {[]string{"0", "-1", "1025", "cores"}, "must be a whole number from 1 to 1024"},
	"PASSWORD_MIN_LENGTH":         {[]string{"5", "257", "0"}, "must be a whole number from 6 to 256"},
	"DELETE_RETENTION":            {[]string{"-1s", "30 days", "30d", "5"}, "must be a duration such as 720h"},
	"SIGNUP":                      {[]string{"maybe", "true"}, "must be open or closed"},
	"MAX_ORGANIZATIONS":           {[]string{"-1", "many"}, "must be a whole number"},
	"QUOTA_DOCUMENTS":             {[]string{"-1", "many", "1e3"}, "must be a whole number"},
	"QUOTA_BYTES":                 {[]string{"-1", "1GiB", "9223372036854775808"}, "must be a whole number"},
	"PUBLIC_ORG_GET":              {[]string{"yes", "2"}, "must be true or false"},
	"RATE_LIMIT_CREATE":           {[]string{"-1", "10/m"}, "must be a whole number of requests a minute"},
	"RATE_LIMIT_LOGIN":            {[]string{"-1", "x"}, "must be a whole number of requests a minute"},
	"RATE_LIMIT_GET":              {[]string{"-1", "x"}, "must be a whole number of requests a minute"},
	"RATE_LIMIT_EXEMPT":           {[]string{"10.0.0.0/33", "localhost", "10.0.0.0/8,", ",", "fe80::1%eth0", "::ffff:10.0.0.0/8", "none,10.0.0.0/8"}, "must be networks"},
	"TRUSTED_PROXIES":             {[]string{"10.0.0", "*", "10.0.0.0/8 11.0.0.0/8"}, "must be networks"},
	"CORS_ORIGINS":                {[]string{"example.com", "https://a.b/", "https://a.b/c", "https://u:p@a.b", "ftp://a.b", "*,https://a.b", "https://*.a.b", "null", "https://", "https://a.b?c", "https://a.b:x", "https://a.b,"}, "must be origins"},
	"MAX_REQUESTS_IN_FLIGHT":      {[]string{"0", "-1", "100001", "many"}, "must be a whole number from 1 to 100000"},
	"ADMIN_ADDR":                  {[]string{"9090", "localhost", "off", "none:"}, "must be an address to listen on"},
	"OTEL_EXPORTER_OTLP_ENDPOINT": {[]string{"localhost:4318", "grpc://h:4317", "http://", "http://ada:mArKeR@h", "http://h?key=mArKeR", "http://h#x", "http://h:x"}, "must be an http or https URL"},
	"OPERATION_LEASE":             {[]string{"0", "-1s", "10"}, "must be a duration above 0"},
	"LOG_LEVEL":                   {[]string{"loud", "info+2", "warning"}, "must be debug, info, warn or error"},
	"LOG_FORMAT":                  {[]string{"xml"}, "must be json or text"},
	"SHUTDOWN_GRACE":              {[]string{"0s", "-1s", "20"}, "must be a duration above 0"},
	"OPERATOR_TOKEN":              {[]string{"short", goodToken + ",short", goodToken + ",", ",", goodToken + "," + goodToken + "," + goodToken, goodToken + "!mArKeR", goodToken + " " + goodToken, goodToken + "\u00e4", strings.Repeat("x", 4097)}, "make one with: openssl rand -hex 32"},
	"OPERATION_ATTEMPTS":          {[]string{"0", "-1", "1001", "many"}, "must be a whole number from 1 to 1000"},
	"MOVE_RATE":                   {[]string{"-1", "fast", "1e3"}, "must be a whole number of documents a second"},
	"MOVE_GRACE":                  {[]string{"0", "-1s", "60"}, "must be a duration above 0"},
	"MOVES_AT_ONCE":               {[]string{"0", "-1", "101", "all"}, "must be a whole number from 1 to 100"},
	"SWEEP_INTERVAL":              {[]string{"0", "-1s", "10"}, "must be a duration above 0"},
}

var badURIs = []string{
	"127.0.0.1:27017", "http://h", "mongodb://", "mongodb://:mArKeR@h", "mongodb://h:0", "mongodb://h:port", "mongodb://h,",
	"mongodb://ada:mAr@KeR@h", "mongodb://ada:mArKeR/x@h", "mongodb://ada:mArKeR?x@h", "mongodb://ada:x@mArKeR/y@h",
	"mongodb://ada:x@mArKeR?y@h", "mongodb://ada:mAr:KeR@h", "mongodb://ada:mAr%zzKeR@h", "mongodb://ada:mAr KeR@h",
	"mongodb://ada:mArKeR#@h", "mongodb://h/a?b=mArKeR@c", "mongodb://h/a.b", "mongodb://[mArKeR]:1", "mongodb://[::1", "mongodb://h\n",
	"mArKeR", "mongodb:/ada:mArKeR@h", "postgres://ada:mArKeR@h",
}

func TestEachMistake(t *testing.T) {
	for name, m := range mistakes {
		for _, value := range m.values {
			_, err := load(t, map[string]string{name: value, "SECRET_KEY": goodSecret}, "")
			var all *config.Error
			if !errors.As(err, &all) || len(all.Problems) != 1 || all.Problems[0].Variable != name || !strings.Contains(all.Problems[0].Message, m.want) {
				t.Errorf("%s=%q: got %v; want one problem: %s", name, value, err, m.want)
			}
			if err != nil && strings.Contains(err.Error(), "mArKeR") {
				t.Errorf("%s=%q: the error repeats the value: %v", name, value, err)
			}
		}
	}
	for _, name := range variables() {
		// Any text is a folder, an issuer or an audience.
		if _, ok := mistakes[name]; !ok && name != "DATA_DIR" && name != "JWT_ISSUER" && name != "JWT_AUDIENCE" {
			t.Errorf("%s has no mistake in this test", name)
		}
	}
}

func TestMistakesOfSeveralVariables(t *testing.T) {
	for _, test := range []struct {
		set  map[string]string
		want string
	}{
		{map[string]string{"STORE": "mongo", "JWT_SECRET": goodSecret}, "MONGO_URI: must be set with STORE=mongo"},
		{map[string]string{"STORE": "mongo", "MONGO_URI": goodURI}, "JWT_SECRET: must be set with STORE=mongo, since all instances share it; make one with: openssl rand -hex 32"},
		{map[string]string{"MONGO_URI": goodURI}, "JWT_SECRET: must be set with STORE=mongo"},
		{map[string]string{"MASTER_DB": "one", "TENANT_DB": "One"}, "TENANT_DB: must not differ from MASTER_DB by case alone"},
		{
			map[string]string{"MONGO_URI": goodURI, "JWT_SECRET": goodSecret, "TENANT_DB": strings.Repeat("x", 41), "TENANCY": "database"},
			"TENANCY: can't be database with so long a TENANT_DB",
		},
		{map[string]string{"MASTER_DB": "a.b"}, "MASTER_DB: must be the name of a database"},
		{map[string]string{"ARGON2_PARALLELISM": "4", "ARGON2_MEMORY_KIB": "31"}, "ARGON2_MEMORY_KIB: "},
		{map[string]string{"ARGON2_ITERATIONS": "5", "ARGON2_MEMORY_KIB": "1048576"}, "ARGON2_ITERATIONS: "},
	} {
		_, err := load(t, test.set, "")
		var all *config.Error
		if !errors.As(err, &all) || len(all.Problems) != 1 || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: got %v; want one problem: %s", test.set, err, test.want)
		}
	}
}

// Every variable is wrong, and every value holds a secret.
func TestAllMistakesAtOnceWithoutValues(t *testing.T) {
	const marker = "mArKeR"
	free := map[string]bool{"DATA_DIR": true, "JWT_ISSUER": true, "JWT_AUDIENCE": true}
	set := make(map[string]string)
	var want []string
	for _, name := range variables() {
		switch {
		case free[name]:
			continue
		case name == "JWT_SECRET":
			set[name] = marker
		default:
			set[name] = "mongodb://ada:" + marker + "/@h"
		}
		want = append(want, name)
	}
	c, err := load(t, set, "")
	var all *config.Error
	if !errors.As(err, &all) {
		t.Fatalf("got %v, want *config.Error", err)
	}
	var got []string
	for _, p := range all.Problems {
		got = append(got, p.Variable)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got problems of %v, want of %v", got, want)
	}
	var printed strings.Builder
	if err := c.Print(&printed); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(err.Error(), marker) || strings.Contains(strings.ToLower(printed.String()), strings.ToLower(marker)) {
		t.Errorf("a value is repeated:\n%v\n%s", err, printed.String())
	}
}

func TestUnreadableFile(t *testing.T) {
	const marker = "mArKeR"
	for _, file := range []string{"JWT_SECRET " + marker, "JWT_SECRET=\"" + marker, "=" + marker, "A-B!=" + marker + "\n", "JWT_SECRET=x\x00" + marker} {
		_, err := load(t, nil, file)
		if err == nil || !strings.Contains(err.Error(), ".env") || strings.Contains(err.Error(), marker) {
			t.Errorf("%q: got %v", file, err)
		}
	}
	if _, err := config.Load(t.TempDir()); err == nil {
		t.Error("a folder as file: no error")
	}
	if os.Getuid() != 0 {
		path := t.TempDir() + "/.env"
		if err := os.WriteFile(path, nil, 0o000); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(path); err == nil {
			t.Error("a file without permission: no error")
		}
	}
	if _, err := config.Load(""); err != nil {
		t.Errorf("no file: %v", err)
	}
}

func TestMongoURIShown(t *testing.T) {
	for uri, want := range map[string]string{
		"mongodb://h":      "mongodb://h",
		"mongodb://h/":     "mongodb://h/",
		"mongodb://ada@h":  "mongodb://ada@h",
		"mongodb://ada:@h": "mongodb://ada:[redacted]@h",
		"mongodb://ada:p%40ss%2Fword@h1:27017,h2/admin":       "mongodb://ada:[redacted]@h1:27017,h2/admin",
		"mongodb+srv://ada:pw@cluster0.example.net/db?w=1":    "mongodb+srv://ada:[redacted]@cluster0.example.net/db?w=1",
		"mongodb://[::1]:27017,[2001:db8::1]/?tls=true":       "mongodb://[::1]:27017,[2001:db8::1]/?tls=true",
		"mongodb://%2Ftmp%2Fmongodb-27017.sock/?replicaSet=r": "mongodb://%2Ftmp%2Fmongodb-27017.sock/?replicaSet=r",
		"mongodb://h?proxyPassword=pw&authSource=admin&odd":   "mongodb://h?proxyPassword=[redacted]&authSource=admin&[redacted]",
	} {
		c, err := load(t, map[string]string{"MONGO_URI": uri, "JWT_SECRET": goodSecret}, "")
		if err != nil || c.MongoURI.Shown() != want {
			t.Errorf("%s: got %s, %v; want %s", uri, c.MongoURI.Shown(), err, want)
		}
	}
}

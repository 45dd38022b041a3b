package mongo_test

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/mongo"
	"github.com/orgkeeper/orgkeeper/domain"
	"github.com/orgkeeper/orgkeeper/test/mongotest"
)

func TestOpenRefusesWrongOptions(t *testing.T) {
	uri := domain.NewSecret("mongodb://127.0.0.1:1/")
	for name, c := range map[string]struct {
		options mongo.Options
		want    string
	}{
		"no URI":               {mongo.Options{}, "Options.URI is empty"},
		"admin":                {mongo.Options{URI: uri, Master: "admin"}, "Options.Master is a database of MongoDB itself"},
		"Local":                {mongo.Options{URI: uri, Tenant: "Local"}, "Options.Tenant is a database of MongoDB itself"},
		"config":               {mongo.Options{URI: uri, Master: "config"}, "Options.Master is a database of MongoDB itself"},
		"a dot":                {mongo.Options{URI: uri, Master: "a.b"}, "Options.Master is no legal database name"},
		"a space":              {mongo.Options{URI: uri, Tenant: "a b"}, "Options.Tenant is no legal database name"},
		"64 bytes":             {mongo.Options{URI: uri, Tenant: strings.Repeat("x", 64)}, "Options.Tenant is no legal database name"},
		"equal but for case":   {mongo.Options{URI: uri, Master: "registry", Tenant: "Registry"}, "differ by case alone"},
		"equal to the default": {mongo.Options{URI: uri, Tenant: "Master_DB"}, "differ by case alone"},
		"a negative timeout":   {mongo.Options{URI: uri, Timeout: -1}, "Options.Timeout is negative"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := mongo.Open(t.Context(), c.options)
			if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, domain.ErrStoreUnavailable) {
				t.Errorf("got %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestOpenTellsEveryMistakeAtOnce(t *testing.T) {
	_, err := mongo.Open(t.Context(), mongo.Options{Master: "admin", Tenant: "a b", Timeout: -1})
	for _, want := range []string{"URI", "Master", "Tenant", "Timeout"} {
		if err == nil || !strings.Contains(err.Error(), "Options."+want) {
			t.Errorf("got %v, want one that speaks of %s", err, want)
		}
	}
}

func TestErrorsHoldNoCredentials(t *testing.T) {
	// Nothing listens there.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	const secret = "marker-s3cret"
	for name, c := range map[string]struct {
		uri         string
		unavailable bool
	}{
		"an unreachable server":   {"mongodb://somebody:" + secret + "@" + nobody + "/", true},
		"a host that isn't":       {"mongodb://somebody:" + secret + "@nowhere.invalid:1/", true},
		"a seed list that isn't":  {"mongodb+srv://somebody:" + secret + "@nowhere.invalid/", true},
		"not percent-encoded":     {"mongodb://somebody:" + secret + "%zz@" + nobody + "/", false},
		"a slash in the password": {"mongodb://somebody:" + secret + "/x@" + nobody + "/", false},
		"an at in the password":   {"mongodb://somebody:a@" + secret + "@" + nobody + "/", false},
		"another scheme":          {"mysql://somebody:" + secret + "@" + nobody + "/", false},
		"a wrong option":          {"mongodb://somebody:x@" + nobody + "/?w=" + secret + "&retryWrites=" + secret, false},
		"a bad port":              {"mongodb://somebody:" + secret, false},
		"a key's password": {
			"mongodb://" + nobody + "/?tls=true&tlsCertificateKeyFile=/nowhere&tlsCertificateKeyFilePassword=" + secret, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			store, err := mongo.Open(t.Context(), mongo.Options{URI: domain.NewSecret(c.uri), Timeout: 300 * time.Millisecond})
			if err == nil {
				_ = store.Close(t.Context())
				t.Fatal("it opened")
			}
			if errors.Is(err, domain.ErrStoreUnavailable) != c.unavailable {
				t.Errorf("got %v; unavailable should be %v", err, c.unavailable)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
			wantNowhere(t, err, secret, c.uri)
			t.Log(err)
		})
	}
}

func TestWrongPassword(t *testing.T) {
	const secret = "marker-s3cret"
	server := mongotest.For(t, mongotest.Standalone)
	o := optionsFor(t, server)
	o.URI = domain.NewSecret(strings.Replace(server.URI, "mongodb://", "mongodb://somebody:"+secret+"@", 1))
	_, err := mongo.Open(t.Context(), o)
	if !errors.Is(err, domain.ErrStoreUnavailable) || !strings.Contains(err.Error(), "AuthenticationFailed") {
		t.Errorf("got %v, want unavailable because of AuthenticationFailed", err)
	}
	wantNowhere(t, err, secret, o.URI.Reveal())
	t.Log(err)
}

// TestOptionsOfTheURIDontWeakenIt gives a URI that asks for stale reads and
// writes that nobody acknowledges.
func TestOptionsOfTheURIDontWeakenIt(t *testing.T) {
	server := mongotest.For(t, mongotest.ReplicaSet)
	o := optionsFor(t, server)
	o.URI = domain.NewSecret(server.URI + "&w=0&readPreference=secondary&readConcernLevel=available&timeoutMS=1")
	store := open(t, o)
	insertPair(t, store, 1)
	if err := store.Organizations().Insert(t.Context(), numbered(t, 1)); !errors.Is(err, domain.ErrVersionConflict) {
		t.Errorf("a second insert: %v, want a version conflict", err)
	}
	if _, err := store.Organizations().ByID(t.Context(), "organization-1"); err != nil {
		t.Errorf("ByID: %v", err)
	}
}

func TestOpenIsQuickOnceTheRegistryStands(t *testing.T) {
	mongotest.Each(t, func(t *testing.T, server *mongotest.Server) {
		o := optionsFor(t, server)
		open(t, o)
		best := time.Hour
		for range 5 {
			began := time.Now()
			store := open(t, o)
			if err := store.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			best = min(best, time.Since(began))
		}
		t.Logf("the best of 5: %v", best)
		if best > 50*time.Millisecond {
			t.Errorf("the best of 5 took %v, want 50 ms at most", best)
		}
	})
}

package httpapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/orgkeeper/orgkeeper/adapters/httpapi"
)

func prefixes(texts ...string) (list []netip.Prefix) {
	for _, t := range texts {
		list = append(list, netip.MustParsePrefix(t))
	}
	return list
}

func from(r *http.Request, address string, forwarded ...string) *http.Request {
	r.RemoteAddr = address
	if forwarded != nil {
		r.Header["X-Forwarded-For"] = forwarded
	}
	return r
}

func TestClientAddress(t *testing.T) {
	for _, c := range []struct {
		name      string
		proxies   []string
		remote    string
		forwarded []string
		want      string
	}{
		{"direct", nil, "203.0.113.7:1", nil, "203.0.113.7"},
		{"a header that nobody trusts", nil, "203.0.113.7:1", []string{"1.1.1.1"}, "203.0.113.7"},
		{"a header of a stranger", []string{"10.0.0.0/8"}, "203.0.113.7:1", []string{"1.1.1.1"}, "203.0.113.7"},
		{"a proxy", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"1.1.1.1"}, "1.1.1.1"},
		{"made-up addresses before the client's", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"6.6.6.6, 1.1.1.1"}, "1.1.1.1"},
		{"two proxies", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"6.6.6.6, 1.1.1.1", "10.0.0.2"}, "1.1.1.1"},
		{"proxies alone", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"10.0.0.3"}, "10.0.0.1"},
		{"a proxy that says nothing", []string{"10.0.0.0/8"}, "10.0.0.1:1", nil, "10.0.0.1"},
		{"garbage", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"1.1.1.1, garbage"}, "10.0.0.1"},
		{"IPv6", []string{"::1/128"}, "[::1]:1", []string{"2001:db8::7"}, "2001:db8::7"},
		{"IPv4 in IPv6", []string{"10.0.0.0/8"}, "[::ffff:10.0.0.1]:1", []string{"::ffff:1.1.1.1"}, "1.1.1.1"},
		{"a zone", nil, "[fe80::1%eth0]:1", nil, "fe80::1"},
		{"no address", nil, "@", nil, "-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			s := server(t, &fake{}, logTo(&b), func(o *httpapi.Options) { o.TrustedProxies = prefixes(c.proxies...) })
			do(s, from(request("GET", getPath), c.remote, c.forwarded...))
			var line struct{ Client string }
			if err := json.Unmarshal(b.Bytes(), &line); err != nil || line.Client != c.want {
				t.Errorf("client %q, want %q (%v)", line.Client, c.want, err)
			}
		})
	}
}

func TestRateLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := server(t, &fake{}, func(o *httpapi.Options) { o.RateLimitCreate, o.RateLimitLogin, o.RateLimitGet = 1, 2, 3 })
		for route, limit := range map[string]int{"create": 1, "log in": 2, "get": 3} {
			for i := range 6 {
				w := do(s, fresh[route]())
				if i < limit && w.Code >= 400 {
					t.Errorf("%s %d: %d %s", route, i, w.Code, w.Body)
				}
				if i >= limit {
					wantProblem(t, w, 429, "rate_limited")
					if w.Header().Get("Retry-After") != "60" {
						t.Errorf("%v", w.Header())
					}
				}
			}
		}
		for _, route := range []string{"update", "delete"} {
			for range 20 {
				if w := do(s, fresh[route]()); w.Code != 200 {
					t.Errorf("%s: %d %s", route, w.Code, w.Body)
				}
			}
		}
		if w := do(s, from(fresh["create"](), "198.51.100.1:1")); w.Code != 201 {
			t.Errorf("another client: %d", w.Code)
		}
		time.Sleep(2 * time.Minute)
		if w := do(s, fresh["create"]()); w.Code != 201 {
			t.Errorf("two minutes later: %d", w.Code)
		}
	})
}

// TestRateLimitComesFirst sees that bad requests and wrong passwords count.
func TestRateLimitComesFirst(t *testing.T) {
	s := server(t, &fake{}, limits(2))
	for range 2 {
		do(s, request("POST", "/admin/login", "garbage"))
	}
	wantProblem(t, do(s, fresh["log in"]()), 429, "rate_limited")
}

func TestRateLimitOfIPv6(t *testing.T) {
	s := server(t, &fake{}, limits(1))
	do(s, from(fresh["create"](), "[2001:db8:1:2::1]:1"))
	wantProblem(t, do(s, from(fresh["create"](), "[2001:db8:1:2:ffff::9]:1")), 429, "rate_limited")
	if w := do(s, from(fresh["create"](), "[2001:db8:1:3::1]:1")); w.Code != 201 {
		t.Errorf("another network: %d", w.Code)
	}
}

func TestRateLimitExempt(t *testing.T) {
	s := server(t, &fake{}, limits(1), func(o *httpapi.Options) {
		o.RateLimitExempt = prefixes("127.0.0.0/8", "::1/128")
		o.TrustedProxies = prefixes("10.0.0.0/8")
	})
	for _, address := range []string{"127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"} {
		for range 3 {
			if w := do(s, from(fresh["create"](), address)); w.Code != 201 {
				t.Errorf("%s: %d", address, w.Code)
			}
		}
	}
	// A proxy on this machine that nobody configured: its clients aren't exempt.
	for _, header := range []string{"X-Forwarded-For", "Forwarded", "X-Real-IP"} {
		last := 0
		for range 2 {
			r := from(fresh["create"](), "127.0.0.1:1")
			r.Header.Set(header, "127.0.0.1")
			last = do(s, r).Code
		}
		if last != 429 {
			t.Errorf("%s: %d", header, last)
		}
	}
	// Nor are those who make a trusted proxy say that they are this machine.
	last := 0
	for range 2 {
		last = do(s, from(fresh["create"](), "10.0.0.1:1", "127.0.0.1")).Code
	}
	if last != 429 {
		t.Errorf("through a proxy: %d", last)
	}
}

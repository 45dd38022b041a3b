package config

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/orgkeeper/orgkeeper/domain"
)

// hidden stands for what is not shown.
const hidden = "[redacted]"

// MongoURI is a MongoDB connection string. It is a secret, since it holds a
// password.
type MongoURI struct{ domain.Secret }

// Decode implements envconfig.Decoder.
func (m *MongoURI) Decode(value string) error {
	m.Secret = domain.NewSecret(value)
	return nil
}

// Shown gives the string without its password and without the options that
// can hold another secret; of one that is not valid it gives nothing.
func (m MongoURI) Shown() string {
	shown, _ := readMongoURI(m.Reveal())
	return shown
}

func (m MongoURI) valid() bool {
	_, ok := readMongoURI(m.Reveal())
	return ok
}

// readMongoURI checks the parts of a connection string and puts those together
// that may be shown. It is strict about @, which in a password that is not
// percent-encoded would make a part of it look like a host. The driver checks
// the rest.
func readMongoURI(s string) (shown string, ok bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || (scheme != "mongodb" && scheme != "mongodb+srv") || strings.ContainsFunc(s, isNotGraphic) {
		return hidden, false
	}
	authority, path := rest, ""
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		authority, path = rest[:end], rest[end:]
	}
	path, query, hasQuery := strings.Cut(path, "?")
	shown = scheme + "://"
	if user, hosts, ok := strings.Cut(authority, "@"); ok {
		user, password, hasPassword := strings.Cut(user, ":")
		if user == "" || !isEncoded(user) || !isEncoded(password) {
			return hidden, false
		}
		shown += user
		if hasPassword {
			shown += ":" + hidden
		}
		shown += "@"
		authority = hosts
	}
	for host := range strings.SplitSeq(authority, ",") {
		if !isHost(host) {
			return hidden, false
		}
	}
	shown += authority
	database := strings.TrimPrefix(path, "/")
	if database != "" && database != "admin" && !isDatabaseName(database) ||
		strings.ContainsAny(database, "@#") || strings.ContainsAny(query, "@#") {
		return hidden, false
	}
	shown += path
	if hasQuery {
		shown += "?" + showQuery(query)
	}
	return shown, true
}

// isEncoded reports whether a user name or password is percent-encoded where it
// must be.
func isEncoded(s string) bool {
	_, err := url.PathUnescape(s)
	return err == nil && !strings.ContainsAny(s, ":/?#[]@")
}

// isNotGraphic reports a character that no URI has.
func isNotGraphic(r rune) bool { return r <= ' ' || r > '~' }

// isHost takes a name, an IPv4 address, an IPv6 address in brackets or an
// encoded path of a Unix socket, perhaps with a port.
func isHost(s string) bool {
	if strings.HasPrefix(s, "%2F") || strings.HasPrefix(s, "%2f") {
		return isEncoded(s) && strings.HasSuffix(s, ".sock")
	}
	host := s
	if colon := strings.LastIndexByte(s, ':'); colon >= 0 && !strings.HasSuffix(s, "]") {
		if port, err := strconv.ParseUint(s[colon+1:], 10, 16); err != nil || port == 0 {
			return false
		}
		host = s[:colon]
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		address, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		return err == nil && address.Is6() && strings.HasSuffix(inner, "]")
	}
	return isHostName(host)
}

// shownOptions are the options that are worth seeing and hold no secret.
var shownOptions = []string{
	"appname", "authmechanism", "authsource", "compressors", "connecttimeoutms",
	"directconnection", "heartbeatfrequencyms", "journal", "loadbalanced",
	"maxidletimems", "maxpoolsize", "minpoolsize", "readconcernlevel",
	"readpreference", "replicaset", "retryreads", "retrywrites",
	"serverselectiontimeoutms", "ssl", "timeoutms", "tls", "w",
}

func showQuery(query string) string {
	options := strings.Split(query, "&")
	for i, option := range options {
		name, _, ok := strings.Cut(option, "=")
		switch {
		case !ok || !isHostName(name):
			options[i] = hidden
		case !slices.Contains(shownOptions, strings.ToLower(name)):
			options[i] = name + "=" + hidden
		}
	}
	return strings.Join(options, "&")
}

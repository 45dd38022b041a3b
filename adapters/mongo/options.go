package mongo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"github.com/orgkeeper/orgkeeper/domain"
)

// The defaults of Options.
const (
	DefaultMaster  = "master_db"
	DefaultTimeout = 5 * time.Second
)

// databaseNameMaxBytes is MongoDB's bound on a database's name.
const databaseNameMaxBytes = 63

// Options say where MongoDB is and what to use of it. Only URI is required.
type Options struct {
	// URI is the connection string. What it says about read preference, read and
	// write concern and timeoutMS is not used; all else is.
	URI domain.Secret
	// Master is the database of the registry. Default "master_db".
	Master string
	// Tenant is the database that holds documents of records that don't say
	// theirs, as an older service's. Default: Master. New placements name their
	// database themselves.
	Tenant string
	// AsIs leaves the registry's schema and indexes as they are found: for commands
	// that look at them, and for a user who may only read.
	AsIs bool
	// Timeout bounds each call. Default 5 s.
	Timeout time.Duration
	// Observe, if set, is called with the context and the name of each command that
	// goes to the server, such as "find", and what it returns when the command is
	// over. failed says that no answer came or that the server refused to do it; a
	// write that a unique index refuses has not failed. It must return at once.
	Observe func(ctx context.Context, command string) (end func(failed bool))
}

// errBadURI hides what the driver says about the URI, since that may quote a
// part of the password.
var errBadURI = errors.New("mongo: the URI is not a connection string of MongoDB: " +
	"it has the form mongodb://user:password@host:port/?options or mongodb+srv://…, " +
	"and special characters in user name and password are percent-encoded")

// checked returns the options with their defaults, and what the driver gets.
func (o Options) checked() (Options, *options.ClientOptions, error) {
	if o.Master == "" {
		o.Master = DefaultMaster
	}
	if o.Tenant == "" {
		o.Tenant = o.Master
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	var timeout error
	if o.Timeout < 0 {
		timeout = errors.New("mongo: Options.Timeout is negative")
	}
	clientOptions, uri := o.client()
	err := errors.Join(
		checkDatabase("Master", o.Master), checkDatabase("Tenant", o.Tenant), o.checkCase(), timeout, uri)
	return o, clientOptions, err
}

func (o Options) client() (*options.ClientOptions, error) {
	if o.URI.IsZero() {
		return nil, errors.New("mongo: Options.URI is empty")
	}
	c := options.Client().ApplyURI(o.URI.Reveal())
	c.SetTimeout(o.Timeout).
		SetReadPreference(readpref.Primary()).
		SetReadConcern(&readconcern.ReadConcern{}).
		SetWriteConcern(durable()).
		SetBSONOptions(&options.BSONOptions{DefaultDocumentMap: true})
	if o.Observe != nil {
		c.SetMonitor(monitor(o.Observe))
	}
	if c.AppName == nil {
		c.SetAppName("orgkeeper")
	}
	if err := c.Validate(); err != nil {
		// A mongodb+srv name is looked up here.
		if lookup, ok := errors.AsType[*net.DNSError](err); ok {
			return nil, fmt.Errorf("mongo: look up the URI's host: %w (%s)",
				domain.ErrStoreUnavailable.Because(lookup), lookup.Err)
		}
		return nil, errBadURI
	}
	return c, nil
}

// durable is the write concern of every write: kept by a majority, in the
// journal.
func durable() *writeconcern.WriteConcern {
	return &writeconcern.WriteConcern{W: writeconcern.WCMajority, Journal: new(true)}
}

// checkDatabase returns an error unless name is a legal name of a database that
// isn't MongoDB's own.
func checkDatabase(field, name string) error {
	switch {
	case len(name) > databaseNameMaxBytes, strings.ContainsAny(name, "/\\. \"$\x00"):
		return fmt.Errorf("mongo: Options.%s is no legal database name: "+
			"at most 63 bytes, without / \\ . $ \" and spaces", field)
	case ownedByServer(name):
		return fmt.Errorf("mongo: Options.%s is a database of MongoDB itself", field)
	}
	return nil
}

// checkCase refuses two names that differ by case alone: no server has both.
func (o Options) checkCase() error {
	if o.Master != o.Tenant && strings.EqualFold(o.Master, o.Tenant) {
		return errors.New("mongo: Options.Master and Options.Tenant differ by case alone")
	}
	return nil
}

// ownedByServer reports whether MongoDB keeps its own things in the database.
func ownedByServer(database string) bool {
	switch strings.ToLower(database) {
	case "admin", "local", "config":
		return true
	}
	return false
}

// redact strikes the URI and its credentials out of a text.
func redact(text string, c *options.ClientOptions, o Options) string {
	secrets := []string{o.URI.Reveal()}
	if c.Auth != nil && c.Auth.Password != "" {
		secrets = append(secrets, c.Auth.Password)
	}
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret, "[redacted]")
	}
	return text
}

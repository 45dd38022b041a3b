package config

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"

	"github.com/kelseyhightower/envconfig"
)

// Problem is one mistake in the configuration.
type Problem struct {
	// Variable is the name as it was set: an alias where that was used.
	Variable string
	// Message says what is expected. It never repeats the value.
	Message string
}

// Error lists all mistakes of a configuration.
type Error struct{ Problems []Problem }

// Error gives a line for each mistake.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("the configuration is not valid:")
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n  %s: %s", p.Variable, p.Message)
	}
	return b.String()
}

// Load reads the process's environment and the .env file at path, if there is
// one; "" reads none. As with godotenv.Load, what only the file sets is in the
// environment afterwards.
//
// For wrong values it returns an *Error, and what could be read: good for
// Print, not for use.
func Load(path string) (Config, error) {
	sources, err := environment(path)
	if err != nil {
		return Config{}, err
	}
	c := Config{Sources: sources}
	var problems []Problem
	wrong := func(f field, message string) {
		name := f.name
		if _, alias, ok := strings.Cut(string(sources[f.name]), ", as "); ok {
			name = alias
		}
		problems = append(problems, Problem{name, message})
	}
	unreadable := make(map[string]bool)
	for f := range fields() {
		if _, ok := sources[f.name]; !ok {
			sources[f.name] = SourceDefault
		}
		if !c.read(f) {
			unreadable[f.name] = true
		}
	}
	c.complete()
	for f := range fields() {
		if unreadable[f.name] {
			wrong(f, "must be "+f.want)
		} else if message := c.check(f); message != "" {
			wrong(f, message)
		}
	}
	if problems != nil {
		return c, &Error{problems}
	}
	return c, nil
}

// read has envconfig fill one field: by itself, since envconfig stops at the
// first mistake. It reports whether the value could be read; envconfig's error
// holds the value and is dropped.
func (c *Config) read(f field) bool {
	of := reflect.TypeFor[Config]().Field(f.index)
	one := reflect.New(reflect.StructOf([]reflect.StructField{{Name: of.Name, Type: of.Type, Tag: of.Tag}}))
	if envconfig.Process("", one.Interface()) != nil {
		return false
	}
	reflect.ValueOf(c).Elem().Field(f.index).Set(one.Elem().Field(0))
	return true
}

// complete brings names of choices to one case and sets the defaults that depend
// on something.
func (c *Config) complete() {
	c.JWTAlgorithm = strings.ToUpper(c.JWTAlgorithm)
	for _, choice := range []*string{&c.Store, &c.Tenancy, &c.NamespaceNames, &c.Signup, &c.LogLevel, &c.LogFormat} {
		*choice = strings.ToLower(*choice)
	}
	if c.Store == "" {
		c.Store = StoreSQLite
		if c.Sources["MONGO_URI"] != SourceDefault {
			c.Store = StoreMongo
		}
	}
	if c.TenantDB == "" {
		c.TenantDB = c.MasterDB
	}
	if c.HashConcurrency == 0 && c.Sources["HASH_CONCURRENCY"] == SourceDefault {
		c.HashConcurrency = runtime.GOMAXPROCS(0) // It knows a container's limit, NumCPU doesn't.
	}
}

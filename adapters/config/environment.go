package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/joho/godotenv"
)

// Source says where a value came from.
type Source string

// The sources, from the strongest to the weakest. A value under an alias has
// ", as " and the alias behind its source.
const (
	SourceEnvironment Source = "environment"
	SourceFile        Source = ".env"
	SourceDefault     Source = "default"
)

func (s Source) as(alias string) Source { return s + ", as " + Source(alias) }

// environment prepares the process's environment, which envconfig reads, and
// returns where each set variable came from.
//
// Empty variables of ours are removed, what the file at path says is added where
// nothing is set, and an alias is copied to its variable. An alias in the
// environment is stronger than the variable itself in the file.
func environment(path string) (map[string]Source, error) {
	sources := make(map[string]Source)
	for f := range fields() {
		for _, name := range []string{f.name, f.alias} {
			if name == "" {
				continue
			}
			value, ok := os.LookupEnv(name)
			switch {
			case !ok:
			case value == "":
				if err := os.Unsetenv(name); err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
			case name == f.name:
				sources[f.name] = SourceEnvironment
			default:
				err := adopt(sources, f, value, SourceEnvironment)
				if err != nil {
					return nil, err
				}
			}
		}
	}
	file, err := readFile(path)
	if err != nil {
		return nil, err
	}
	for name, value := range file {
		if _, ok := os.LookupEnv(name); ok || value == "" {
			continue
		}
		if err := os.Setenv(name, value); err != nil {
			return nil, errors.New(".env: a variable has a name or value that no environment can hold")
		}
	}
	for f := range fields() {
		if _, ok := sources[f.name]; ok {
			continue
		}
		if file[f.name] != "" {
			sources[f.name] = SourceFile
		} else if file[f.alias] != "" {
			if err := adopt(sources, f, file[f.alias], SourceFile); err != nil {
				return nil, err
			}
		}
	}
	return sources, nil
}

// adopt gives a variable its alias's value, unless it has one.
func adopt(sources map[string]Source, f field, value string, from Source) error {
	if _, ok := sources[f.name]; ok {
		return nil
	}
	sources[f.name] = from.as(f.alias)
	if err := os.Setenv(f.name, value); err != nil {
		return fmt.Errorf("%s: no environment can hold this value", f.name)
	}
	return nil
}

// readFile reads a .env file. There may be none.
func readFile(path string) (map[string]string, error) {
	if path == "" {
		return nil, nil
	}
	file, err := godotenv.Read(path)
	var unreadable *fs.PathError
	switch {
	case err == nil:
		return file, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.As(err, &unreadable):
		return nil, err
	}
	// The parser's own error quotes the file, and so its secrets.
	return nil, fmt.Errorf("%s: can't be read as lines of NAME=value; put a value with spaces, quotes, # or $ in single quotes", path)
}

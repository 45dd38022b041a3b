package mongotest

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// howToGetMongod is the remedy when no mongod is found.
const howToGetMongod = "run `make mongod`, or put mongod on PATH, or name it in TEST_MONGOD, or a running server in TEST_MONGO_URI"

// findMongod returns the path of the mongod to start: TEST_MONGOD, else the one on PATH,
// else .cache/mongod at the module's root. It returns a *missingError when there is none.
func findMongod() (string, error) {
	if path := os.Getenv("TEST_MONGOD"); path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return "", fmt.Errorf("TEST_MONGOD: %w", err)
		}
		return found, nil
	}
	if path, err := exec.LookPath("mongod"); err == nil {
		return path, nil
	}
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	path, err := exec.LookPath(filepath.Join(root, ".cache", "mongod"))
	if err != nil {
		return "", &missingError{remedy: howToGetMongod}
	}
	return path, nil
}

// moduleRoot returns the nearest folder, from the working folder up, that has a go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod in the working folder or above it")
		}
		dir = parent
	}
}

// freePort returns a TCP port of the loopback interface that was free a moment ago.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return int(netip.MustParseAddrPort(listener.Addr().String()).Port()), nil
}

// tail returns the last lines of a log, for a message about a server that did not start.
func tail(path string) string {
	const lines = 15
	data, err := os.ReadFile(path)
	if err != nil {
		return "(no log)"
	}
	all := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

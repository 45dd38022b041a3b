package config

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/orgkeeper/orgkeeper/domain"
)

const (
	secretFile      = "jwt_secret"
	secretBytes     = 32
	maxSecretLength = 4096
)

// LoadOrMakeSecret returns the secret that is kept in dir/jwt_secret. Where there
// is none it makes dir and one: 32 random bytes in hexadecimal, as
// openssl rand -hex 32 does, in a file that only its owner may read. Of several
// processes that start at once all get the same. No error holds a part of it.
func LoadOrMakeSecret(dir string) (domain.Secret, error) {
	path := filepath.Join(dir, secretFile)
	secret, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return domain.Secret{}, fmt.Errorf("making the folder of the JWT secret: %w", err)
	}
	if err := makeSecret(dir, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return domain.Secret{}, fmt.Errorf("making a JWT secret (set JWT_SECRET to do without): %w", err)
	}
	return readSecret(path)
}

// readSecret reads a secret and takes it away from other users' eyes.
func readSecret(path string) (domain.Secret, error) {
	f, err := os.Open(path)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("reading the JWT secret: %w", err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxSecretLength+1))
	if err != nil {
		return domain.Secret{}, fmt.Errorf("reading the JWT secret: %w", err)
	}
	secret := strings.TrimSpace(string(text))
	if len(secret) < minSecretBytes || len(text) > maxSecretLength {
		return domain.Secret{}, fmt.Errorf("%s is damaged: it holds no secret of %d to %d bytes; "+
			"remove it to have a new one made, which ends all sessions", path, minSecretBytes, maxSecretLength)
	}
	info, err := f.Stat()
	if err != nil {
		return domain.Secret{}, fmt.Errorf("reading the JWT secret: %w", err)
	}
	// A group may be given access on purpose, as Kubernetes does to volumes.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o007 != 0 {
		if err := f.Chmod(info.Mode().Perm() &^ 0o007); err != nil {
			return domain.Secret{}, fmt.Errorf("every user of this machine may read the JWT secret: %w", err)
		}
	}
	return domain.NewSecret(secret), nil
}

// makeSecret writes a secret to a file of its own and links it to path, which
// happens wholly or not at all, and not over another's. It returns an error that
// is fs.ErrExist when somebody was faster.
func makeSecret(dir, path string) error {
	f, err := os.CreateTemp(dir, secretFile+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	var random [secretBytes]byte
	_, _ = rand.Read(random[:]) // It never fails.
	_, err = f.WriteString(hex.EncodeToString(random[:]) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a new name in dir outlive a power cut, where the system can.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

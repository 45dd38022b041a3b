package config_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/orgkeeper/orgkeeper/adapters/config"
)

func TestSecretIsMadeOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "data")
	first, err := config.LoadOrMakeSecret(dir)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(first.Reveal()); n != 64 {
		t.Errorf("the secret has %d characters, want 64", n)
	}
	second, err := config.LoadOrMakeSecret(dir)
	if err != nil || second != first {
		t.Errorf("the second call gives another one, or %v", err)
	}
	other, err := config.LoadOrMakeSecret(t.TempDir())
	if err != nil || other == first {
		t.Errorf("another folder gives the same one, or %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("the folder has %v, %v; want the secret alone", entries, err)
	}
	info, err := entries[0].Info()
	if err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestSecretOfRacingStarts(t *testing.T) {
	for range 20 {
		dir := filepath.Join(t.TempDir(), "data")
		var group sync.WaitGroup
		got := make([]string, 32)
		for i := range got {
			group.Go(func() {
				secret, err := config.LoadOrMakeSecret(dir)
				if err != nil {
					t.Error(err)
				}
				got[i] = secret.Reveal()
			})
		}
		group.Wait()
		for _, secret := range got {
			if secret != got[0] || len(secret) != 64 {
				t.Fatal("two starts have different secrets")
			}
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("the folder has %v, %v; want the secret alone", entries, err)
		}
	}
}

func TestSecretThatIsThere(t *testing.T) {
	const marker = "mArKeR"
	long := strings.Repeat(marker, 8)
	for name, test := range map[string]struct{ content, want string }{
		"with line break":    {long + "\r\n", long},
		"without line break": {long, long},
		"empty":              {"", ""},
		"cut":                {marker, ""},
		"white space":        {strings.Repeat(" ", 64), ""},
		"huge":               {strings.Repeat(marker, 10_000), ""},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "jwt_secret")
		if err := os.WriteFile(path, []byte(test.content), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := config.LoadOrMakeSecret(dir)
		if got.Reveal() != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: got %d characters, %v", name, len(got.Reveal()), err)
		}
		if err != nil && (strings.Contains(err.Error(), marker) || !strings.Contains(err.Error(), path)) {
			t.Errorf("%s: %v", name, err)
		}
		if kept, _ := os.ReadFile(path); string(kept) != test.content {
			t.Errorf("%s: the file was changed", name)
		}
		if info, _ := os.Stat(path); err == nil && runtime.GOOS != "windows" && info.Mode() != 0o640 {
			t.Errorf("%s: mode %v, want it closed to others", name, info.Mode())
		}
	}
}

func TestSecretWithoutFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.LoadOrMakeSecret(filepath.Join(file, "data")); err == nil {
		t.Error("a file in place of the folder: no error")
	}
}

package bench

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/orgkeeper/orgkeeper/test/notrun"
)

// process is a server as a child process: the program or a bare one.
type process struct {
	address string
	command *exec.Cmd
}

// moreEnvironment names a variable with settings for the program, separated by spaces,
// to see what they change: ORGKEEPER_BENCH_ENV="GOGC=100 HASH_CONCURRENCY=1".
const moreEnvironment = "ORGKEEPER_BENCH_ENV"

// start starts the program as it is deployed: its own settings of the runtime, the
// default cost of a hash, its log in a file.
func start(b *testing.B, environment []string) *process {
	b.Helper()
	binary, err := build()
	if err != nil {
		b.Fatal(err)
	}
	p, err := launch(exec.Command(binary), b.TempDir(), append([]string{
		"HTTP_ADDR=127.0.0.1:0", "JWT_SECRET=0123456789abcdef-0123456789abcdef",
		"ADMIN_ADDR=127.0.0.1:0", // Not none: what is deployed counts what it does.
	}, append(environment, strings.Fields(os.Getenv(moreEnvironment))...)...))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.stop)
	return p
}

// launch starts a server and waits until it says where it listens.
func launch(command *exec.Cmd, dir string, environment []string) (*process, error) {
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command.Dir, command.Env, command.Stderr = dir, environment, log
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "listening on"); ok {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return &process{strings.TrimPrefix(strings.TrimSpace(url), "http://"), command}, nil
		}
	}
	err = command.Wait()
	said, _ := os.ReadFile(log.Name())
	return nil, fmt.Errorf("the server ended: %w\n%s", err, said)
}

// stop ends the server cleanly, or after a while by force.
func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	force := time.AfterFunc(10*time.Second, func() { _ = p.command.Process.Kill() })
	defer force.Stop()
	_ = p.command.Wait()
}

// memory returns a line of the process's status in MiB: VmRSS is what it has, VmHWM
// the most that it ever had.
func (p *process) memory(b *testing.B, line string) float64 {
	b.Helper()
	if runtime.GOOS != "linux" {
		notrun.Skip(b, "memory of the process", "run it on Linux, which has /proc")
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	for text := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(text, line+":"); ok {
			kib, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			if err != nil {
				b.Fatal(err)
			}
			return float64(kib) / 1024
		}
	}
	b.Fatalf("no %s in the process's status", line)
	return 0
}

package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// clients is how many connections are kept busy.
const clients = 16

// connection is a client that costs as little as can be, so that most of the machine
// is left to the server. It sends a request when the last one was answered.
type connection struct {
	net.Conn
	in *bufio.Reader
}

// dial connects to the server until the end of the benchmark.
func (p *process) dial(b *testing.B) *connection {
	b.Helper()
	c, err := net.Dial("tcp", p.address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return &connection{c, bufio.NewReaderSize(c, 16<<10)}
}

// request makes what do sends.
func request(method, path, token, body string) []byte {
	var r bytes.Buffer
	fmt.Fprintf(&r, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, path)
	if token != "" {
		fmt.Fprintf(&r, "Authorization: Bearer %s\r\n", token)
	}
	if body != "" {
		fmt.Fprintf(&r, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	fmt.Fprintf(&r, "\r\n%s", body)
	return r.Bytes()
}

// do sends a request and returns its answer, which is good until the next one.
func (c *connection) do(request []byte) (status int, body []byte, err error) {
	if _, err := c.Write(request); err != nil {
		return 0, nil, err
	}
	line, err := c.in.ReadSlice('\n')
	if err != nil || len(line) < len("HTTP/1.1 200") {
		return 0, nil, fmt.Errorf("no answer: %q, %w", line, err)
	}
	status, _ = strconv.Atoi(string(line[9:12]))
	length := -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, nil, err
		}
		if len(line) <= len("\r\n") {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		}
	}
	if length < 0 {
		return 0, nil, errors.New("an answer without a length")
	}
	if body, err = c.in.Peek(length); err != nil {
		return 0, nil, err
	}
	_, err = c.in.Discard(length)
	return status, body, err
}

// expect is do for an answer of which only the status matters.
func (c *connection) expect(status int, request []byte) error {
	got, body, err := c.do(request)
	if err == nil && got != status {
		err = fmt.Errorf("%d, should be %d: %s", got, status, body)
	}
	return err
}

// must returns the fields of an answer.
func (c *connection) must(b *testing.B, status int, request []byte) (fields map[string]any) {
	b.Helper()
	got, body, err := c.do(request)
	if err != nil || got != status {
		b.Fatalf("%d, should be %d: %s, %v", got, status, body, err)
	}
	if err := json.Unmarshal(body, &fields); err != nil {
		b.Fatal(err)
	}
	return fields
}

// fleet keeps as many connections busy as there are clients.
type fleet []*connection

func (p *process) fleet(b *testing.B) fleet {
	b.Helper()
	f := make(fleet, clients)
	for i := range f {
		f[i] = p.dial(b)
	}
	return f
}

// run sends the requests with the numbers from first, n of them.
func (f fleet) run(b *testing.B, status, first, n int, request func(i int) []byte) {
	b.Helper()
	var sent atomic.Int64
	f.while(b, status, func() []byte {
		if i := int(sent.Add(1)); i <= n {
			return request(first + i - 1)
		}
		return nil
	})
}

// while sends what next returns until that is nil.
func (f fleet) while(b *testing.B, status int, next func() []byte) {
	b.Helper()
	var group sync.WaitGroup
	for _, c := range f {
		group.Go(func() {
			for r := next(); r != nil; r = next() {
				if err := c.expect(status, r); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

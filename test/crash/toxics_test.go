package crash

import (
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/collectors"
	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// lane is the way from the program to a server, with whatever is put in it.
type lane struct {
	t     *testing.T
	proxy *toxiproxy.Proxy
}

// newLane opens a way to the address.
func newLane(t *testing.T, address string) *lane {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	server.Metrics.ProxyMetrics = collectors.NewProxyMetricCollectors()
	l := &lane{t, toxiproxy.NewProxy(server, "lane", "127.0.0.1:0", address)}
	if err := l.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.proxy.Stop)
	return l
}

// put puts a toxic in the way of the server's replies.
func (l *lane) put(kind string, attributes map[string]int) {
	l.t.Helper()
	text, err := json.Marshal(map[string]any{"type": kind, "attributes": attributes})
	if err == nil {
		_, err = l.proxy.Toxics.AddToxicJson(strings.NewReader(string(text)))
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

// clear opens the way again.
func (l *lane) clear() { l.proxy.Toxics.ResetToxics(l.t.Context()) }

// cutting is the toxic that keeps a reply back and closes the connection: what was asked
// for is done, and nobody hears of it.
const cutting = "cutting"

type cutToxic struct {
	// OneIn is how many replies pass until one is cut.
	OneIn int64 `json:"one_in"`
}

// replies counts what cutting has seen, cut what it has kept back.
var replies, cut atomic.Int64

// Pipe implements toxics.Toxic.
func (c *cutToxic) Pipe(stub *toxics.ToxicStub) {
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil {
				stub.Close()
				return
			}
			if replies.Add(1)%c.OneIn == 0 {
				cut.Add(1)
				stub.Close()
				return
			}
			stub.Output <- chunk
		}
	}
}

func init() {
	toxics.Register(cutting, new(cutToxic))
	zerolog.SetGlobalLevel(zerolog.Disabled) // Some toxics log to the global logger.
}

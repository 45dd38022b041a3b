package middleware

import (
	"net/http"
	"net/netip"

	"github.com/go-chi/chi/v5/middleware"
)

// TrustProxies believes X-Forwarded-For of requests whose connection comes from
// one of the proxies; the rightmost address in it that is no trusted proxy is
// the client's. It stands before an Observer. Without proxies it does nothing,
// and the connection's address is the client's.
func TrustProxies(proxies []netip.Prefix) func(http.Handler) http.Handler {
	if len(proxies) == 0 {
		return func(next http.Handler) http.Handler { return next }
	}
	texts := make([]string, len(proxies))
	for i, p := range proxies {
		texts[i] = p.String()
	}
	return middleware.ClientIPFromXFF(texts...)
}

// clientAddress returns the client's address, and whether the request has a
// header that a proxy would set. When a trusted proxy says nothing that can be
// read, its own address stands for its clients.
func clientAddress(r *http.Request) (client netip.Addr, forwarded bool) {
	client = middleware.GetClientIPAddr(r.Context())
	if !client.IsValid() {
		if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
			client = peer.Addr().Unmap().WithZone("")
		}
	}
	h := r.Header
	return client, h["X-Forwarded-For"] != nil || h["Forwarded"] != nil || h["X-Real-Ip"] != nil
}

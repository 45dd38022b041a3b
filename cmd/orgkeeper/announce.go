package main

import (
	"fmt"
	"io"
	"net"

	"github.com/orgkeeper/orgkeeper/adapters/config"
)

// announce tells whoever started the program what it does and where.
func announce(w io.Writer, c config.Config, st *store, addr net.Addr, metrics *admin) {
	url := "http://" + reachable(addr.String())
	fmt.Fprintf(w, "orgkeeper %s\n", version)
	fmt.Fprintf(w, "  listening on   %s\n", url)
	fmt.Fprintf(w, "  documentation  %s/docs\n", url)
	fmt.Fprintf(w, "  store          %s\n", st.description)
	if metrics != nil {
		fmt.Fprintf(w, "  metrics        http://%s/metrics\n", reachable(metrics.listener.Addr().String()))
	}
	fmt.Fprintf(w, "  deletes        drop an organization's data at once\n")
	if c.SignupClosed() {
		fmt.Fprintf(w, "  sign-up        closed\n")
	}
}

// reachable replaces the address that stands for all of a machine by one that can
// be typed into a browser on it.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

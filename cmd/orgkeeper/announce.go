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
	fmt.Fprintf(w, "  deletes        %s\n", deletes(c))
	if len(c.OperatorTokens()) > 0 {
		fmt.Fprintf(w, "  operators      %s/v1/organizations\n", url)
	}
	if c.SignupClosed() {
		fmt.Fprintf(w, "  sign-up        closed\n")
	}
}

// deletes says what becomes of a deleted organization's data.
func deletes(c config.Config) string {
	if c.DeleteRetention == 0 {
		return "drop an organization's data at once"
	}
	return fmt.Sprintf("keep an organization's data for %v, then drop it", c.DeleteRetention)
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

package config

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"github.com/orgkeeper/orgkeeper/domain"
)

// errValue is all that a Decode says: its caller knows the variable.
var errValue = errors.New("not as expected")

// Secret is a domain.Secret that a variable can fill.
type Secret struct{ domain.Secret }

// Decode implements envconfig.Decoder.
func (s *Secret) Decode(value string) error {
	s.Secret = domain.NewSecret(value)
	return nil
}

// Prefixes are networks. An address alone is a network of one.
type Prefixes []netip.Prefix

// Decode implements envconfig.Decoder: networks separated by commas, or none.
func (p *Prefixes) Decode(value string) error {
	var all Prefixes
	if strings.TrimSpace(value) == "none" {
		*p = nil
		return nil
	}
	for item := range strings.SplitSeq(value, ",") {
		prefix, err := parsePrefix(strings.TrimSpace(item))
		if err != nil {
			return err
		}
		all = append(all, prefix)
	}
	*p = all
	return nil
}

// parsePrefix brings IPv4 that is written as IPv6 to IPv4, as clients' addresses
// are, and cuts the bits of a host.
func parsePrefix(s string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(s); err == nil && address.Zone() == "" {
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, errValue
	}
	if address := prefix.Addr(); address.Is4In6() {
		const mapped = 96
		if prefix.Bits() < mapped {
			return netip.Prefix{}, errValue
		}
		prefix = netip.PrefixFrom(address.Unmap(), prefix.Bits()-mapped)
	}
	return prefix.Masked(), nil
}

// String gives the networks separated by commas.
func (p Prefixes) String() string {
	texts := make([]string, len(p))
	for i, prefix := range p {
		texts[i] = prefix.String()
	}
	return strings.Join(texts, ",")
}

// Contains reports whether one of the networks has the address.
func (p Prefixes) Contains(address netip.Addr) bool {
	address = address.Unmap()
	for _, prefix := range p {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

// Origins are web origins, or "*" alone for all.
type Origins []string

// Decode implements envconfig.Decoder: origins separated by commas, * or none.
func (o *Origins) Decode(value string) error {
	var all Origins
	if strings.TrimSpace(value) == "none" {
		*o = nil
		return nil
	}
	for item := range strings.SplitSeq(value, ",") {
		item = strings.TrimSpace(item)
		if !isOrigin(item) && item != "*" {
			return errValue
		}
		all = append(all, strings.ToLower(item))
	}
	if len(all) > 1 && strings.Contains(value, "*") {
		return errValue
	}
	*o = all
	return nil
}

// String gives the origins separated by commas.
func (o Origins) String() string { return strings.Join(o, ",") }

// isOrigin takes http or https, a host, perhaps a port, and nothing else: what a
// browser sends in the header Origin.
func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") &&
		strings.EqualFold(s, u.Scheme+"://"+u.Host) && isHost(u.Host)
}

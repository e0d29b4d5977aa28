package fetch

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
)

// special are blocks of public-looking addresses that lead elsewhere: those
// that the IANA special-purpose registries (RFC 6890) list as not globally
// reachable, as of 2025, tunnels, and what clouds answer metadata on.
var special = prefixes(
	"0.0.0.0/8",         // this network
	"10.0.0.0/8",        // private
	"100.64.0.0/10",     // shared by carriers (RFC 6598)
	"127.0.0.0/8",       // loopback
	"168.63.129.16/32",  // Azure's platform
	"169.254.0.0/16",    // link-local, metadata
	"172.16.0.0/12",     // private
	"192.0.0.0/24",      // protocol assignments
	"192.0.2.0/24",      // documentation
	"192.88.99.0/24",    // 6to4 relays
	"192.168.0.0/16",    // private
	"198.18.0.0/15",     // benchmarks
	"198.51.100.0/24",   // documentation
	"203.0.113.0/24",    // documentation
	"224.0.0.0/4",       // multicast
	"240.0.0.0/4",       // reserved, broadcast
	"2001::/23",         // protocol assignments, Teredo
	"2001:db8::/32",     // documentation
	"2002::/16",         // 6to4
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation
)

var (
	global = netip.MustParsePrefix("2000::/3") // global unicast, RFC 4291
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// Public reports whether an address is one of the public internet. IPv4
// addresses that are mapped into IPv6 or translated by NAT64 (RFC 6052) are
// judged as what they lead to.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	if nat64.Contains(a) {
		b := a.As16()
		return Public(netip.AddrFrom4([4]byte(b[12:])))
	}
	if a.Is6() && !global.Contains(a) {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}

// resolve gives the addresses of a host, all of which must be allowed.
func (c *Client) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	var found []netip.Addr
	if a, err := netip.ParseAddr(host); err == nil {
		found = []netip.Addr{a}
	} else if found, err = c.options.Lookup(ctx, host); err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
	}
	for i, a := range found {
		a = a.Unmap()
		found[i] = a
		own := slices.ContainsFunc(c.options.Networks, func(p netip.Prefix) bool { return p.Contains(a) })
		if !own && !Public(a) {
			return nil, fmt.Errorf("%w: %s is at %s, which is not public", ErrUnsafe, host, a)
		}
	}
	return found, nil
}

// dial connects to a host by the very addresses that were checked, so that a
// second answer of the name server cannot lead elsewhere.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || !c.port(uint16(n)) {
		return nil, fmt.Errorf("%w: port %s", ErrUnsafe, port)
	}
	found, err := c.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, a := range found[:min(len(found), 4)] {
		var conn net.Conn
		conn, err = c.dialer.DialContext(ctx, "tcp", netip.AddrPortFrom(a, uint16(n)).String())
		if err == nil {
			return conn, nil
		}
	}
	return nil, err
}

func (c *Client) port(n uint16) bool {
	return n == 80 || n == 443 || slices.Contains(c.options.Ports, n)
}

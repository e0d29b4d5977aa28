package server

import (
	"fmt"
	"net"
	"strings"
)

// beyondLoopback reports whether others than this computer can reach an
// address to listen on.
func beyondLoopback(listen string) (bool, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "" {
		return false, fmt.Errorf("--listen %q is no address: write it as 127.0.0.1:7860", listen)
	}
	if strings.EqualFold(host, "localhost") {
		return false, nil
	}
	ip := net.ParseIP(host)
	return ip == nil || !ip.IsLoopback(), nil
}

// loopbackNames are what this computer calls itself.
func loopbackNames(listen string) []string {
	names := []string{"localhost", "127.0.0.1", "::1"}
	if host, _, err := net.SplitHostPort(listen); err == nil && host != "" {
		names = append(names, strings.ToLower(host))
	}
	return names
}

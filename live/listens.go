package live

import (
	"net"
	"strconv"
	"strings"
)

// Listens is where a server takes connections.
type Listens struct {
	Socket string // path of its Unix socket, "" for none
	Port   int    // of TCP; 0 for none
	// LocalOnly says that clients of other machines cannot connect: there is no
	// TCP (skip_networking), or only at loopback addresses (bind_address). False
	// where the version does not say (MySQL before 5.6.1).
	LocalOnly bool
	// SkipNameResolve says that no client has a name: over TCP everybody is seen
	// as an address, 127.0.0.1 for localhost.
	SkipNameResolve bool
}

// listens reads the settings. The X Plugin of MySQL and its port for
// administration have addresses of their own; the former has one where it is
// loaded.
func listens(variables map[string]string) Listens {
	on := func(name string) bool { return strings.EqualFold(variables[name], "ON") }
	l := Listens{Socket: variables["socket"], SkipNameResolve: on("skip_name_resolve"), LocalOnly: on("skip_networking")}
	if l.LocalOnly {
		return l
	}
	l.Port, _ = strconv.Atoi(variables["port"]) // 0 of what is none
	l.LocalOnly = loopbackOnly(variables["bind_address"])
	for _, further := range []string{"mysqlx_bind_address", "admin_address"} {
		if text := variables[further]; text != "" && !loopbackOnly(text) {
			l.LocalOnly = false
		}
	}
	return l
}

// loopbackOnly reports whether all addresses of a list are of loopback. In MySQL
// a network namespace can follow (127.0.0.1/blue).
func loopbackOnly(text string) bool {
	addresses := list(text)
	for _, address := range addresses {
		address, _, _ = strings.Cut(address, "/")
		if ip := net.ParseIP(address); !strings.EqualFold(address, "localhost") && (ip == nil || !ip.IsLoopback()) {
			return false
		}
	}
	return len(addresses) > 0
}

package fleet

import "testing"

// The host of a server in the inventory is one that can be connected to, and its
// folder is named by that, too.
func TestReachedHost(t *testing.T) {
	for _, test := range []struct{ hosts, name, host, folder string }{
		{`[db1.example.com, 10.0.0.1]`, "", "db1.example.com", "db1.example.com"},
		{`["*.example.com", db1.example.com]`, "", "db1.example.com", "db1.example.com"},
		{`["::1", "ip:127.0.0.1", localhost, "dns:db1.example.com"]`, "", "db1.example.com", "db1.example.com"},
		{`["2001:db8::1"]`, "", "2001:db8::1", "2001-db8--1"},
		{`["::1"]`, "", "::1", "localhost"},
		{`[localhost, "*.example.com"]`, "", "localhost", "localhost"},
		{`["*.example.com"]`, "", "wildcard.example.com", "wildcard.example.com"},
		{`["*.example.com"]`, "name: db1, ", "db1", "db1"},
		{`["::1", db1.example.com]`, "name: db2, ", "db1.example.com", "db2"},
	} {
		m, err := Read("fleet.yaml", []byte("servers: [{"+test.name+"hosts: "+test.hosts+"}]"), ground())
		if err != nil {
			t.Fatal(err)
		}
		id := m.At(0)
		if id.Host != test.host || id.Request.Name != test.folder || m.entries[0].nameAt(0) != test.folder {
			t.Errorf("%s%s: host %q, folder %q", test.name, test.hosts, id.Host, id.Request.Name)
		}
	}
}

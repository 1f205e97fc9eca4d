package live

import "testing"

// TestListens: which servers only their own machine reaches.
func TestListens(t *testing.T) {
	for _, test := range []struct {
		variables map[string]string
		want      Listens
	}{
		{map[string]string{}, Listens{}},
		{map[string]string{"port": "3306", "socket": "/s", "bind_address": "*", "skip_networking": "OFF", "skip_name_resolve": "ON"}, Listens{Port: 3306, Socket: "/s", SkipNameResolve: true}},
		{map[string]string{"bind_address": ""}, Listens{}},
		{map[string]string{"bind_address": "127.0.0.1", "port": "3307"}, Listens{Port: 3307, LocalOnly: true}},
		{map[string]string{"bind_address": "127.0.0.1,::1/blue,localhost"}, Listens{LocalOnly: true}},
		{map[string]string{"bind_address": "127.0.0.1,10.0.0.1"}, Listens{}},
		{map[string]string{"bind_address": "db1.example.com"}, Listens{}},
		{map[string]string{"bind_address": "::"}, Listens{}},
		{map[string]string{"skip_networking": "ON", "port": "0", "bind_address": "*"}, Listens{LocalOnly: true}},
		{map[string]string{"bind_address": "127.0.0.1", "mysqlx_bind_address": "*"}, Listens{}},
		{map[string]string{"bind_address": "127.0.0.1", "mysqlx_bind_address": "127.0.0.1", "admin_address": ""}, Listens{LocalOnly: true}},
		{map[string]string{"bind_address": "127.0.0.1", "admin_address": "10.0.0.1"}, Listens{}},
	} {
		if got := listens(test.variables); got != test.want {
			t.Errorf("%v: %+v, want %+v", test.variables, got, test.want)
		}
	}
}

package dialect

import "testing"

func TestParseAddress(t *testing.T) {
	for _, test := range []struct {
		text, host string
		port       int
	}{
		{"db1", "db1", 0},
		{"db1.example.com:3306", "db1.example.com", 3306},
		{"10.0.0.1:1", "10.0.0.1", 1},
		{"fd00::1", "fd00::1", 0},
		{"[fd00::1]", "fd00::1", 0},
		{"[fd00::1]:65535", "fd00::1", 65535},
		{"my_host-1", "my_host-1", 0},
	} {
		host, port, err := ParseAddress(test.text)
		if err != nil || host != test.host || port != test.port {
			t.Errorf("ParseAddress(%q) = %q, %d, %v; want %q, %d", test.text, host, port, err, test.host, test.port)
		}
	}
	for _, text := range []string{"", ":3306", "db1:", "db1:0", "db1:65536", "db1:+1", "db1:x", "d b", "db1\n", "-db1", "db1-", "[fd00::1", "[fd00::1]3306", "fd00::1]:1", "a:b:c", "user@db1", "tcp://db1", "fe80::1%a\nb"} {
		host, port, err := ParseAddress(text)
		if hint, ok := err.(interface{ Hint() string }); !ok || hint.Hint() == "" {
			t.Errorf("ParseAddress(%q) = %q, %d, %v; want an error with a hint", text, host, port, err)
		}
	}
}

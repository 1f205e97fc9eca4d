package check

import "testing"

func TestOverlap(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"%", "localhost", true}, {"", "10.1.2.3", true}, {"%", "%", true}, {"localhost", "LOCALHOST", true}, {"l%", "localhost", true},
		{"10.%", "localhost", false}, {"10.%", "10.1.%", true}, {"10.%.1", "10.2.%", true}, {"10.1.%", "10.2.%", false},
		{"db_", "db1", true}, {"db_", "db12", false}, {"db\\_", "db1", false}, {"db\\_", "db_", true}, {"%.example.com", "db1.%", true},
		{"a%b", "a", false}, {"%%", "x", true},
		{"10.0.0.0/255.0.0.0", "10.1.2.3", true}, {"10.0.0.0/255.0.0.0", "11.1.2.3", false}, {"10.0.0.0/8", "10.2.0.0/16", true},
		{"10.0.0.0/255.255.0.0", "10.1.0.0/255.255.0.0", false}, {"10.0.0.0/8", "%", true}, {"10.0.0.0/8", "db1", false}, {"10.0.0.0/x", "10.0.0.1", false},
	} {
		if got := overlap(test.a, test.b); got != test.want {
			t.Errorf("overlap(%q, %q) is %v", test.a, test.b, got)
		}
		if got := overlap(test.b, test.a); got != test.want {
			t.Errorf("overlap(%q, %q) is %v", test.b, test.a, got)
		}
	}
}

// TestSpecificity goes from the most specific host to the least; what stands in
// one line is not told apart.
func TestSpecificity(t *testing.T) {
	classes := [][]string{
		{"localhost", "10.1.2.3", "10.0.0.0/255.0.0.0", "db\\_1"},
		{"10.1.2.%", "10.1.2._"}, {"10.1.%"}, {"10.%"}, {"10_%"}, {"1%"}, {"%"}, {""},
	}
	for i, class := range classes {
		for _, host := range class {
			for j, other := range classes {
				for _, second := range other {
					if got := specificity(host).above(specificity(second)); got != (i < j) {
						t.Errorf("%q above %q: %v", host, second, got)
					}
				}
			}
		}
	}
	if a, b := specificity("10.%.1"), specificity("10.2.%"); a.above(b) || b.above(a) {
		t.Error("10.%.1 and 10.2.% are in different order in MySQL and MariaDB")
	}
}

func TestLocal(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost": true, "127.0.0.1": true, "127.%": true, "127.0.0.0/255.0.0.0": true, "127.0.0.0/8": true, "::1": true, "db1": true,
		"%": false, "": false, "local%": false, "127%": false, "10.0.0.1": false, "::": false, "db2": false, "localhost.example.com": false,
	} {
		if got := local(host, "DB1"); got != want {
			t.Errorf("local(%q) is %v", host, got)
		}
	}
	if local("", "") {
		t.Error("every host is local to a server without a name")
	}
}

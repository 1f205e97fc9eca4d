package fleet

import (
	"testing"

	"myca/dialect"
)

// Which server replicates from which, as far as the products go.
func TestReads(t *testing.T) {
	for _, c := range []struct {
		replica, source string
		want            bool
	}{
		{"mysql-8.4", "mysql-8.0", true}, {"mariadb-11.8", "mariadb-10.11", true}, {"mariadb-10.11", "mysql-5.7", true},
		{"mysql-5.7", "mariadb-10.11", true}, {"mariadb-11.8", "mysql-8.0", false}, {"mysql-9.7", "mariadb-11.8", false},
	} {
		replica, err1 := dialect.Parse(c.replica)
		source, err2 := dialect.Parse(c.source)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if got := reads(replica, source); got != c.want {
			t.Errorf("%s from %s: %v", c.replica, c.source, got)
		}
	}
}

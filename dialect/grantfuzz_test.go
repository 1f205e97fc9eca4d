package dialect

import (
	"reflect"
	"strings"
	"testing"
)

// FuzzParseGrant: what is accepted reads back as the same grant, its statement
// has the account once and at the end, and a proposed grant is accepted.
func FuzzParseGrant(f *testing.F) {
	for _, seed := range []string{"ALL ON finance.*", "SELECT (a, `b``c`), INSERT ON `x y`.z WITH GRANT OPTION", "EXECUTE ON PROCEDURE a.b",
		"BACKUP_ADMIN ON *.*", "GRANT OPTION ON a.b", "ALL ON x; DROP TABLE y", "SELEKT ON `a_%\\`.*", "GRANT SELECT ON 'a'.* TO x", "SELECT ON *"} {
		f.Add(seed)
	}
	f.Fuzz(checkAnyGrant)
}

// FuzzGrantTokens makes the text of words that mean something, one a byte, so
// that many of the grants are accepted, or nearly so.
func FuzzGrantTokens(f *testing.F) {
	vocabulary := []string{" ", " ", " ", ",", ".", "*", "*.*", "(", ")", "`", "``", ";", "'", "%", "_", "\\", "-- ", "\n", "ON", " ON ", "on",
		"WITH", " WITH GRANT OPTION", "GRANT", "OPTION", "TO", "ALL", "ALL PRIVILEGES", "SELECT", "select", "SELEKT", "INSERT", "UPDATE (a)", "(a,b)",
		"EXECUTE", "FILE", "LOCK TABLES", "LOCK_TABLES", "CREATE VIEW", "USAGE", "PROXY", "BACKUP_ADMIN", "X_Y", "TABLE ", "PROCEDURE ", "FUNCTION ",
		"a", "app_x", "app_x.*", "a.b", "`a b`", "`a_b`", "`a%`.*", "größe", "日", "1", "$-"}
	f.Add([]byte{26, 19, 48})
	f.Add([]byte{28, 33, 3, 31, 19, 44, 49, 22})
	f.Add([]byte{29, 3, 30, 18, 0, 50, 4, 5, 11})
	f.Fuzz(func(t *testing.T, data []byte) {
		var text strings.Builder
		for _, b := range data {
			text.WriteString(vocabulary[int(b)%len(vocabulary)])
		}
		checkAnyGrant(t, text.String())
	})
}

func checkAnyGrant(t *testing.T, text string) {
	g, err := ParseGrant(text)
	if err != nil {
		checkProposal(t, text, hintOf(t, err))
		return
	}
	again, err := ParseGrant(g.String())
	if err != nil || !reflect.DeepEqual(again, g) {
		t.Errorf("ParseGrant(%q) = %+v, %v, want %+v", g, again, err, g)
	}
	v := Version{MySQL, 8, 4, -1}
	if err := v.CheckGrant(g); err != nil {
		hintOf(t, err)
	}
	for _, partial := range []bool{false, true} {
		sql, end := g.SQL(laura(), v, partial), " TO 'laura'@'%'"+g.option()
		bare := outsideBackQuotes(t, sql)
		if !strings.HasSuffix(sql, end) || strings.Count(bare, " TO ") != 1 || strings.ContainsAny(strings.TrimSuffix(bare, end), "';\"\\#/-\n") {
			t.Errorf("ParseGrant(%q): %s", text, sql)
		}
	}
}

func checkProposal(t *testing.T, text, hint string) {
	t.Helper()
	if strings.Contains(hint, " or --grant ") {
		return
	}
	proposal := strings.TrimSuffix(strings.TrimPrefix(hint, "--grant '"), "'")
	g, err := ParseGrant(proposal)
	if err != nil || strings.Contains(proposal, "'") || "--grant '"+g.String()+"'" != hint {
		t.Errorf("ParseGrant(%q) proposes %s: %v", text, hint, err)
	}
}

// outsideBackQuotes is the statement without what stands in back quotes.
func outsideBackQuotes(t *testing.T, sql string) string {
	t.Helper()
	var b strings.Builder
	for i, part := range strings.Split(strings.ReplaceAll(sql, "``", ""), "`") {
		if i%2 == 0 {
			b.WriteString(part)
		}
	}
	return b.String()
}

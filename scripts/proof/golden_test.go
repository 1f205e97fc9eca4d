package proof

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/pingcap/tidb/pkg/parser"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// TestGoldenSQL parses the files of account statements that package templates
// makes for MySQL from 8.0 on. The forms for older servers and for MariaDB
// (GRANT … REQUIRE) are not in the parser's grammar.
func TestGoldenSQL(t *testing.T) {
	names, err := filepath.Glob("../../templates/testdata/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	files, accounts := 0, 0
	for _, name := range names {
		if !regexp.MustCompile(`^mysql-([89]|[1-9][0-9])\.`).MatchString(filepath.Base(name)) {
			continue
		}
		files++
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		statements, _, err := parser.New().Parse(string(text), "", "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, s := range statements {
			switch s := s.(type) {
			case *ast.CreateUserStmt, *ast.AlterUserStmt, *ast.GrantStmt:
				accounts++
			case *ast.SetStmt:
			default:
				t.Errorf("%s: a %T: %s", name, s, s.Text())
			}
		}
	}
	if files == 0 || accounts < files {
		t.Fatalf("%d files with %d statements about accounts in ../../templates/testdata", files, accounts)
	}
	t.Logf("%d files, %d statements about accounts", files, accounts)
}

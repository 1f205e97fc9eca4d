package deploy

import (
	"strings"
	"testing"

	"myca/optionfile"
)

// FuzzPlace: whatever the option files hold, Place refuses, or ours comes in
// force in one file of which nothing else changes, and then stays.
func FuzzPlace(f *testing.F) {
	for name, s := range shapes() {
		if !strings.Contains(name, "folder") {
			f.Add(s.files[s.main], s.files[s.edited], true)
		}
	}
	f.Add("[mysqld]\n!includedir /etc/d\n", "[mysqld]\nskip-ssl", false)
	f.Add("!include /etc/d/a.cnf\n!includedir /etc/d\n!include /etc/my.cnf\n", "[mysqld]\nssl-ca=/x\x00\n", false)
	f.Add("!includedir /etc/d\n[mysqld]\nssl-cert=/x", "# myca: begin server (sum 000000000000)\n[server]\na=1\n# myca: end server", true)
	f.Fuzz(func(t *testing.T, main, other string, maria bool) {
		target := "mysql-9.7"
		if maria {
			target = "mariadb-11.8"
		}
		if strings.HasPrefix(main, "-> ") || strings.HasPrefix(other, "-> ") {
			return // a link, in a tree
		}
		files := tree{"/etc/my.cnf": main, "/etc/d/a.cnf": other}
		o := server(t, target, files, "/etc/my.cnf")
		edit, err := o.Place()
		if err != nil {
			return
		}
		if string(edit.Old) != files[edit.Path] {
			t.Fatalf("%s: old %q", edit.Path, edit.Old)
		}
		o.System = files.with(edit)
		inForce(t, o, deployed)
		if again, err := o.Place(); err != nil || again.Changed() {
			t.Fatalf("a second time: %q, %v", again.New, err)
		}
		back, err := optionfile.Parse(edit.Path, edit.New).WithoutBlock("server")
		if err != nil || !strings.Contains(files[edit.Path], "myca:") && string(back.Bytes()) != files[edit.Path] {
			t.Fatalf("without the block %q, %v, want %q", back.Bytes(), err, files[edit.Path])
		}
	})
}

package fleet

import (
	"strings"
	"testing"

	"myca/templates"
)

// Where the password of a manifest changes, what gives it to an account that
// exists is told; where fleet.sql does that, nothing is.
func TestPasswordRemedy(t *testing.T) {
	const app = `name: app, account: "app@10.%", `
	for name, test := range map[string]struct{ before, now, want string }{
		"random": {app + "password: none", app + "password: random", "run on the server what this prints: myca --dir DIR grant app --existing --random-password"},
		"a file": {app + "password: none", app + `password: {file: "app 1.pw"}`, "run on the server what this prints: myca --dir DIR grant app --existing --password-file 'ABS/app 1.pw'"},
		"none": {app + "password: random", app + "password: none",
			"run on the server after fleet.sql: ALTER USER 'app'@'10.%' IDENTIFIED BY '' REQUIRE ISSUER '/O=acme/CN=acme CA' AND SUBJECT '/O=acme/CN=app'"},
		"none, letters": {`name: app, account: "josé", subject: /CN=jose, password: random`, `name: app, account: "josé", subject: /CN=jose, password: none`,
			"run on the server after fleet.sql: SET PASSWORD FOR 'josé'@'%' = ''"},
		"without a subject": {app + "password: random, require: [ssl]", app + "password: {file: /srv/pki/app.pw}, require: [ssl]", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 3650)
			w.apply(entries("", test.before))
			steps := w.apply(entries("", test.now))
			if len(steps) != 1 {
				t.Fatalf("%+v", steps)
			}
			said := strings.Join(steps[0].Notices, "\n")
			want := strings.NewReplacer("DIR", templates.Shell(w.dir), "ABS", absolute(t, ".")).Replace(test.want)
			if !strings.HasSuffix(said, want) || want == "" && said != "" {
				t.Errorf("notices %q, want %q", said, want)
			}
		})
	}
}

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"myca/finding"
	"myca/verify"
)

// verified is what verify --json prints.
type verified struct {
	Examined []examinedJSON `json:"examined"`
	verifiedJSON
}

func (c *clock) verified(code int, args ...string) verified {
	c.Helper()
	r := c.run(append([]string{"verify", "--json"}, args...)...)
	if r.code != code {
		c.Fatalf("verify %q: exit code %d, want %d\n%s%s", args, r.code, code, r.out, r.talk)
	}
	var shown verified
	jsonOf(c.T, r.out, &shown)
	return shown
}

// places is each finding as "ID FILE", without the folders above the pair's.
func places(c *clock, list []finding.Finding) string {
	var texts []string
	for _, f := range list {
		where, err := filepath.Rel(c.dir, f.Where)
		if err != nil {
			c.Fatal(err)
		}
		texts = append(texts, f.ID+" "+filepath.ToSlash(where))
	}
	return strings.Join(texts, ", ")
}

// A store as it grows old: what ends soon is a warning, what has ended an error,
// and the CRL and the CA end too.
func TestVerifyByTime(t *testing.T) {
	c := storeAt(t, "2030-06-15T12:00:00Z", "730")
	c.done("issue", "server", "db1.example.com", "--name", "db1", "--key", "ec-p256", "--days", "90")
	c.client("laura", "--days", "365")
	c.client("paul", "--days", "365")
	c.done("revoke", "paul")
	for _, test := range []struct {
		at, want string
		code     int
	}{
		{"2030-06-15T12:30:00Z", "", exitDone},
		{"2030-07-14T12:00:00Z", "", exitDone},
		{"2030-08-20T12:00:00Z", "crl-expired crl.pem, expires-soon servers/db1/server-cert.pem", exitFound},
		{"2030-09-20T12:00:00Z", "crl-expired crl.pem, expired servers/db1/server-cert.pem", exitFound},
		{"2030-06-14T12:00:00Z", "not-yet-valid", exitFound},
	} {
		c.at(test.at)
		before := tree(t, c.dir)
		shown := c.verified(test.code)
		if got := places(c, shown.Findings); got != test.want && (test.want != "not-yet-valid" || !strings.Contains(got, test.want)) {
			t.Errorf("%s: got %s, want %s", test.at, got, test.want)
		}
		for _, f := range shown.Findings {
			if f.ID == finding.Expired && !strings.Contains(f.Mend, "db1") {
				t.Errorf("the remedy does not name the pair: %s", f.Mend)
			}
		}
		unchanged(t, before, c.dir)
	}
	c.at("2030-09-20T12:00:00Z")
	c.done("renew", "db1")
	c.done("ca", "crl")
	if got := places(c, c.verified(exitDone).Findings); got != "" {
		t.Errorf("mended: %s", got)
	}
}

// During a rotation two CAs of one name are in the bundles, and no finding.
func TestVerifyRotation(t *testing.T) {
	c := storeAt(t, "2030-06-15T12:00:00Z", "3650")
	c.done("issue", "server", "db1.example.com", "--name", "db1", "--key", "ec-p256", "--profile", "peer")
	c.client("laura")
	c.client("paul")
	c.done("revoke", "paul")
	c.at("2030-06-15T13:00:00Z")
	for _, step := range [][]string{{"ca", "rotate", "begin"}, {"ca", "rotate", "switch"}, {"renew", "db1"}, {"renew", "laura"}, {"ca", "rotate", "finish"}} {
		c.done(step...)
		c.at(c.now.Add(3600e9).Format("2006-01-02T15:04:05Z"))
		if got := places(c, c.verified(exitDone).Findings); got != "" {
			t.Errorf("after %q: %s", step, got)
		}
	}
}

// A store that was named has to be one, also where files are named beside it.
func TestVerifyNamedStore(t *testing.T) {
	c := storeAt(t, "2030-06-15T12:00:00Z", "730")
	cert := filepath.Join(c.dir, "ca-cert.pem")
	if r := c.run("verify", cert); r.code != exitDone {
		t.Errorf("a store: exit code %d\n%s", r.code, r.talk)
	}
	nowhere := filepath.Join(t.TempDir(), "pki")
	for _, command := range [][]string{{"verify", cert}, {"verify"}, {"check"}} {
		c := &clock{T: t, dir: nowhere, now: c.now}
		if r := c.run(command...); r.code != exitUsage || !strings.Contains(r.talk, nowhere) {
			t.Errorf("%q with no store: exit code %d\n%s", command, r.code, r.talk)
		}
	}
}

// Of the object of --json nothing is printed before all of it is known: an error
// or an interrupt leaves no half of it.
func TestVerifyWholeObject(t *testing.T) {
	var out strings.Builder
	tool := &tool{terminal: terminal{out: &out}, json: true}
	v := &verification{t: tool, found: map[[3]string]bool{}}
	v.examined.begin(tool, true)
	for _, path := range []string{"a.pem", "b.pem"} {
		if err := v.add(verify.Report{Examined: []verify.Examined{{Path: path, Kind: "key"}}}); err != nil {
			t.Fatal(err)
		}
	}
	if out.Len() > 0 {
		t.Errorf("printed too early: %s", out.String())
	}
	if err := v.print(); err != nil {
		t.Fatal(err)
	}
	var shown verified
	jsonOf(t, out.String(), &shown)
	if len(shown.Examined) != 2 || shown.Examined[1].Path != "b.pem" {
		t.Errorf("%s", out.String())
	}
}

// Of one kind and place, each text is told, once.
func TestVerifyFindsEach(t *testing.T) {
	v := &verification{found: map[[3]string]bool{}}
	for _, host := range []string{"a.x", "b.x", "a.x"} {
		v.find([]finding.Finding{finding.New(finding.HostNotNamed, "cert.pem", "", "it does not name %q", host)})
	}
	if len(v.findings) != 2 {
		t.Errorf("%v", v.findings)
	}
}

// Root can verify and check against the store of another user.
func TestVerifySomebodyElsesStore(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a store away")
	}
	c := storeAt(t, "2030-06-15T12:00:00Z", "730")
	c.client("laura")
	err := filepath.WalkDir(c.dir, func(path string, _ fs.DirEntry, err error) error { return errors.Join(err, os.Lchown(path, 4711, -1)) })
	if err != nil {
		t.Fatal(err)
	}
	shown := c.verified(exitDone)
	if len(shown.Examined) < 3 || len(shown.Unseen) > 0 {
		t.Errorf("examined %v, unseen %q", shown.Examined, shown.Unseen)
	}
	if r := c.run("renew", "laura"); r.code != exitUsage {
		t.Errorf("a change: exit code %d\n%s", r.code, r.talk)
	}
}

// What was not seen is counted at the end, and nothing seen at all is a failure.
func TestVerifyUnseen(t *testing.T) {
	var out strings.Builder
	tool := &tool{terminal: terminal{out: &out}}
	tool.printDiagnosis(newDiagnosis(nil, []string{"a", "b"}, nil))
	if !strings.HasSuffix(out.String(), "\n0 errors, 0 warnings, 2 not seen\n") {
		t.Error(out.String())
	}
	broken := []finding.Finding{finding.New(finding.Expired, "cert.pem", "", "it ended")}
	for _, test := range []struct {
		kinds    []string
		findings []finding.Finding
		unseen   []string
		want     bool
	}{
		{nil, nil, nil, false},
		{nil, nil, []string{"cert.pem: permission denied"}, true},
		{[]string{"folder", "data folder"}, nil, []string{"cert.pem: permission denied"}, true},
		{[]string{"folder", "key"}, nil, []string{"cert.pem: permission denied"}, false},
		{nil, broken, []string{"key.pem: permission denied"}, false},
	} {
		v := &verification{t: tool, findings: test.findings, unseen: test.unseen}
		v.examined.begin(tool, true)
		for _, kind := range test.kinds {
			if err := v.examined.add(verify.Examined{Path: "x", Kind: kind}); err != nil {
				t.Fatal(err)
			}
		}
		err := v.print()
		if failed := exitCode(err) == exitFailed; failed != test.want || failed && !strings.Contains(err.Error(), test.unseen[0]) {
			t.Errorf("%q, %d findings, unseen %q: %v", test.kinds, len(test.findings), test.unseen, err)
		}
	}
}

// --host of a store: one of its servers has to name the host, and not each.
func TestVerifyHostOfStore(t *testing.T) {
	c := storeAt(t, "2030-06-15T12:00:00Z", "730")
	c.client("laura")
	c.done("issue", "server", "db1.example.com", "--name", "db1", "--key", "ec-p256")
	hosts := []string{"--host", "db2.example.com", "--host", "db3.example.com"}
	if got := places(c, c.verified(exitFound, hosts...).Findings); got != "host-not-named servers/db1/server-cert.pem" {
		t.Errorf("one server: %s", got)
	}
	c.done("issue", "server", "db2.example.com", "--name", "db2", "--key", "ec-p256")
	if got := places(c, c.verified(exitDone, hosts[:2]...).Findings); got != "" {
		t.Errorf("the second server names it: %s", got)
	}
	shown := c.verified(exitFound, append(hosts, "--host", "db1.example.com", "--host", "10.0.0.4")...)
	if got := places(c, shown.Findings); got != "host-not-named ." {
		t.Fatalf("nobody names two: %s", got)
	}
	if f := shown.Findings[0]; f.Mend != "myca issue server db3.example.com 10.0.0.4" || !strings.Contains(f.What, `"db3.example.com" and "10.0.0.4"`) {
		t.Errorf("%+v", f)
	}
}

// In text, the notices stand before the tables, and of a store what was looked at
// is counted.
func TestVerifyInText(t *testing.T) {
	c := storeAt(t, "2030-06-15T12:00:00Z", "730")
	c.done("issue", "server", "db1.example.com", "--name", "db1", "--key", "ec-p256")
	out := c.done("verify").out
	for _, line := range []string{"  files with CA certificates  3\n", "  option files                1\n", "  certificates                1\n"} {
		if !strings.Contains(out, line) {
			t.Errorf("no %q in\n%s", line, out)
		}
	}
	out = c.run("verify", filepath.Join(c.dir, "servers", "db1", "server-cert.pem"), c.dir+"/ca-cert.pem").out
	for line := range strings.Lines(out) {
		if strings.TrimRight(line, " \n")+"\n" != line {
			t.Errorf("blanks at the end of %q", line)
		}
	}
}

// Of a file that lies elsewhere, the store knows which pair it is of.
func TestVerifyNamesPair(t *testing.T) {
	c := storeAt(t, "2030-06-15T12:00:00Z", "3650")
	c.done("issue", "server", "db1.example.com", "--name", "db1", "--key", "ec-p256", "--days", "10")
	copied := filepath.Join(t.TempDir(), "server-cert.pem")
	raw, err := os.ReadFile(filepath.Join(c.dir, "servers", "db1", "server-cert.pem"))
	if err == nil {
		err = os.WriteFile(copied, raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	shown := c.verified(exitDone, copied)
	if len(shown.Findings) != 1 || shown.Findings[0].ID != finding.ExpiresSoon || shown.Findings[0].Mend != "myca renew server/db1" {
		t.Errorf("an active pair: %+v", shown.Findings)
	}
	c.done("renew", "db1")
	if shown := c.verified(exitDone, copied); len(shown.Findings) != 1 || strings.Contains(shown.Findings[0].Mend, "db1") {
		t.Errorf("one that was renewed: %+v", shown.Findings)
	}
	c.at("2030-07-15T12:00:00Z")
	c.done("renew", "server/db1")
}

package fleet

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
)

// TestManyMistakes reads a manifest with more than fifty mistakes: each is one
// finding, at its place, and there is no other.
func TestManyMistakes(t *testing.T) {
	data, err := os.ReadFile("testdata/manifest-mistakes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plain, want := marked(string(data))
	if len(want) < 50 {
		t.Fatalf("only %d marks", len(want))
	}
	for _, text := range []string{plain, strings.ReplaceAll(plain, "\n", "\r\n")} {
		got := findingsOf(t, text)
		var at []place
		for _, p := range got {
			at = append(at, place{p.Line, p.Column})
			if !slices.Contains(want, place{p.Line, p.Column}) {
				t.Errorf("not expected: %v", p)
			}
		}
		for _, p := range want {
			if !slices.Contains(at, p) {
				t.Errorf("missing: %v", p)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d findings, want %d", len(got), len(want))
		}
	}
}

// What is wrong in a section that is there twice is told of both.
func TestSectionTwice(t *testing.T) {
	text, places := marked("clients:\n  - {account: a@x, »colour: red, password: none}\n»clients:\n  - {account: b@x, password: »secret}\n  - »{password: none}\n")
	var got []place
	for _, p := range findingsOf(t, text) {
		got = append(got, place{p.Line, p.Column})
	}
	if !slices.Equal(got, places) {
		t.Errorf("%v, want %v", got, places)
	}
}

// records is what the identities of a manifest are.
func records(t *testing.T, text string, g Ground) []string {
	t.Helper()
	m, err := Read("fleet.yaml", []byte(text), g)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for i := range m.Len() {
		x := m.At(i)
		makes(t, x, g)
		spec, err := json.Marshal(x.Spec)
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%s %s CN=%s host=%q target=%s", x.Request.Kind, x.Request.Name, x.Request.CommonName, x.Host, x.Target)
		if x.Replicates != nil {
			line += fmt.Sprintf(" replicates=%+v", *x.Replicates)
		}
		if x.Secret.File != "" {
			line += " file=" + x.Secret.File
		}
		all = append(all, line, "  "+string(spec))
	}
	return all
}

// golden compares lines with a file of testdata.
func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (- want, + got):\n%s", name, diff)
	}
}

func file(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestStyles reads every style of YAML and every field.
func TestStyles(t *testing.T) {
	golden(t, "manifest-styles.golden", records(t, file(t, "testdata/manifest-styles.yaml"), ground()))
}

// TestExample reads the manifest of the manual.
func TestExample(t *testing.T) {
	text := file(t, "testdata/manifest.yaml")
	all := records(t, text, ground())
	if len(all) != 2*(4+501) {
		t.Errorf("%d lines", len(all))
	}
	golden(t, "manifest.golden", slices.Concat(all[:12], all[len(all)-4:]))
	for _, other := range []string{strings.ReplaceAll(text, "\n", "\r\n"), "\ufeff" + text, text + "...\n", "---\n" + text} {
		if diff := cmp.Diff(all, records(t, other, ground())); diff != "" {
			t.Error(diff)
		}
	}
}

// Manifests that say the same are recorded as the same, to the byte.
func TestCanonical(t *testing.T) {
	want := records(t, `
servers:
  - {name: db1, hosts: [db1.example.com], target: mysql-8.4, key: rsa-2048, days: 825, profile: server, key_format: pkcs8}
clients:
  - {name: app, account: ["app@%"], target: mysql-8.4, require: [issuer, subject], profile: client, password: none,
     grants: ["SELECT, INSERT ON app.*"], key: rsa-2048, key_format: pkcs8, days: 825, allow_nonportable_subject: false}
`, ground())
	for _, text := range []string{
		`
servers:
  - {name: db1, hosts: [db1.example.com]}
clients:
  - {name: app, account: app, password: none, grants: ["select,insert  on APP.*"]}
`, `
defaults: {password: none, target: mysql-8.4, require: [Subject, ISSUER]}
servers:
- hosts: ["{db1}.example.com"]
  name: 'db{1..1}'
clients:
- account: [app@%]
  grants: ["SELECT , INSERT ON app . *"]
`,
	} {
		got := records(t, strings.NewReplacer("{db1}", "db1", "APP.*", "app.*").Replace(text), ground())
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s", diff)
		}
	}
}

// What could not be parsed is one finding each, and the rest is read.
func TestBrokenParts(t *testing.T) {
	text, want := marked(`ca: »{subject: "/CN=acme CA"
defaults: {password: none}
servers:
  - {name: db1, hosts: [db1.example.com»}
  - »{name: db2, hosts: [db2.example.com]
  - name: db4
»	hosts: [x]
  - {name: »bad/, hosts: [db5]}
  - name: db6
    hosts: »[db6
  - {name: r, hosts: [r], profile: peer, replicates: {from: db6, account: r@x}}
  - {name: r2, hosts: [r2], profile: peer, replicates: {from: »db7, account: s@x}}
clients:
  - {account: »@x}
  - {account: "a\»qb"}
  - {account: »a'b}
  - account: »c: d
`)
	var got []place
	problems := findingsOf(t, text)
	for _, p := range problems {
		got = append(got, place{p.Line, p.Column})
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(place{})); diff != "" {
		t.Errorf("%s%v", diff, problems)
	}
}

// What an alias repeats is found once, where it is written; merged keys give way
// to a map's own.
func TestAliases(t *testing.T) {
	text, want := marked(`servers:
  - &a {name: »b/c, hosts: [a]}
  - *a
  - {<<: *a, name: d, hosts: [»"e f"]}
clients:
  - &one {account: a@x, password: none, days: »0}
  - {<<: *one, account: b@x}
  - {<<: [*one, {account: »"'c'@x"}], account: d@x}
`)
	want = slices.DeleteFunc(want, func(p place) bool { return p.line == 8 }) // a merged value that is not used
	var got []place
	problems := findingsOf(t, text)
	for _, p := range problems {
		got = append(got, place{p.Line, p.Column})
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(place{})); diff != "" {
		t.Errorf("%s%v", diff, problems)
	}
}

// Columns count characters, also behind tags, tabs and quotes, where the
// scanner's own do not.
func TestColumns(t *testing.T) {
	text, want := marked("clients:\n" +
		"  - {name: !!str 5, account: »\"it's@x\", password: none}\n" +
		"  - {name: !!str 6, subject: !!str \"/CN=ü\", allow_nonportable_subject: true, account: !!str b@x, profile: »both, password: none}\n" +
		"  - name:\t»a b\n    account: [\tc@x,\t»\"d'@x\"\t]\n    password:\tnone\n" +
		"  - account: \"e\\u0041 größe@x\"\n    subject: '/O=it''s größer'\n    »nam: x\n    password: none\n    allow_nonportable_subject: true\n" +
		"  - {\"account\": f@x, 'grants': [\"ALL ON größe.*\", »\"ALL ON größe\"], ? password : none}\n" +
		"  - {account: g@x, # größer {\n     password: none, days: »0}\n" +
		"  - account: \"h\\\n      @x\"\n    connect: »>-\n      a\n      b\n    password: none\n")
	var got []place
	problems := findingsOf(t, text)
	for _, p := range problems {
		got = append(got, place{p.Line, p.Column})
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(place{})); diff != "" {
		t.Errorf("%s%v\n%s", diff, problems, text)
	}
}

// The store's authority is what identities are checked with, and what the
// manifest says of another one is not.
func TestGround(t *testing.T) {
	g := ground()
	subject, err := dn.Parse("/C=DE/O=acme/CN=acme CA")
	if err != nil {
		t.Fatal(err)
	}
	g.Authority = standIn(subject, ca.ECP256, g.Now.AddDate(0, 0, -10), g.Now.AddDate(0, 0, 100))
	g.Target, err = dialect.Parse("mariadb-11.8")
	if err != nil {
		t.Fatal(err)
	}
	read := func(text string) string {
		_, err := Read("fleet.yaml", []byte(text), g)
		if err == nil {
			return ""
		}
		return err.Error()
	}
	if m, err := Read("-", []byte(client("")), g); err != nil || m.At(0).Spec.Target != "mariadb-11.8" || m.Name != "-" {
		t.Errorf("%v", err)
	}
	if got := read("servers:\n  - {hosts: [acme CA]}\n"); !strings.Contains(got, "2:14: servers[0].hosts[0]: ") {
		t.Error(got)
	}
	if got := read("clients:\n  - {account: acme CA@x, password: none}\n"); !strings.Contains(got, `2:15: clients[0].account: "/C=DE/O=acme/CN=acme CA" is the authority's own subject`) {
		t.Error(got)
	}
	if got := read("servers:\n  - {hosts: [a], target: mysql-5.5}\n"); !strings.Contains(got, "2:26: servers[0].target: the TLS library of mysql-5.5 cannot verify the signatures of an authority with a key of type ec-p256") {
		t.Error(got)
	}
	g.Now = g.Now.AddDate(0, 0, 100)
	if got := read(client("")); !strings.HasPrefix(got, "fleet.yaml:1:1: ca: the certificate of the store's authority expired") || strings.Contains(got, "\n") {
		t.Error(got)
	}
}

// BenchmarkRead reads manifests of one range.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			text := []byte(fmt.Sprintf("defaults: {key: ec-p256, password: none}\nclients:\n  - {account: \"app-{1..%d}@10.%%\", grants: [\"SELECT, INSERT ON app.*\"]}\n", n))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read("fleet.yaml", text, ground()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/identity")
		})
	}
}

// A client may have the name of a server, or its deploy_dir, but not both.
func TestOneOfNameAndPlace(t *testing.T) {
	for _, client := range []string{
		"name: a, account: a@x, deploy_dir: /srv/y", "name: b, account: a@x, deploy_dir: /srv/x", "name: a, account: a@x",
	} {
		text := "servers:\n  - {name: a, hosts: [a], deploy_dir: /srv/x}\nclients:\n  - {password: none, " + client + "}\n"
		if problems := findingsOf(t, text); problems != nil {
			t.Errorf("%s: %v", client, problems)
		}
	}
}

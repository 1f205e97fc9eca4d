package fleet

import (
	"slices"
	"strings"
	"testing"
	"time"

	"myca/ca"
)

// What is right, but perhaps not meant, is told once of each kind, at the first
// entry; of a manifest that says all there is nothing to tell.
func TestNotices(t *testing.T) {
	const server, client = "deploy_dir: /srv", "grants: [ALL ON a.*], password: none, deploy_dir: /srv"
	for name, c := range map[string]struct {
		text string
		says []string // in the order of the document
	}{
		"all said": {"defaults: {deploy_dir: /srv, password: none}\nservers: [{hosts: [a, localhost]}, {hosts: [b, localhost]}]\nclients: [{account: \"a{1..9}@%\", grants: [ALL ON a.*]}]\n", nil},
		"any host": {"clients:\n  - {account: »a, " + client + "}\n  - {account: [\"b@10.%\", \"b\"], " + client + "}\n  - {account: \"c{1..9}\", " + client + "}\n",
			[]string{`the account "a" is "a@%", which can log in from everywhere (and 2 more like it)`}},
		"any host of a replica": {"servers:\n  - {hosts: [a], " + server + "}\n  - {hosts: [b], profile: peer, replicates: {from: a, account: »r}, " + server + "}\n",
			[]string{`the account "r" is "r@%"`}},
		"no privileges": {"clients:\n  - {account: a@x, " + client + "}\n  - »{account: \"b{1..9}@x\", " + server + ", password: none}\n  - {account: c@x, " + server + ", password: none}\n",
			[]string{`"b1" and 8 more of its range get no privileges: their accounts can log in, and do what was granted to them otherwise (and 1 more like it)`}},
		"no privileges, one": {"clients:\n  - »{account: b@x, " + server + ", password: none}\n", []string{`"b" gets no privileges: its account can log in`}},
		"a client nowhere": {"servers:\n  - »{hosts: [a]}\nclients:\n  - {account: [a@localhost, \"a@127.0.0.1\"], grants: [ALL ON a.*], password: none}\n  - »{account: \"b{1..9}@x\", grants: [ALL ON a.*], password: none}\n  - {account: [c@localhost, c@x], grants: [ALL ON a.*], password: none}\n",
			[]string{`"a" has no deploy_dir: its my.cnf`, `"b1" and 8 more of its range have no deploy_dir: their my.cnf name the files where they lie in the store, and the inventory no place for them (and 1 more like it)`}},
		"root replicates": {"servers:\n  - {hosts: [a], " + server + "}\n  - {hosts: [b], profile: peer, replicates: {from: a, account: »root@b}, " + server + "}\n",
			[]string{`the account "root@b" is made by the server`}},
		"administrators": {"clients:\n  - {account: [a@localhost, a@x], " + client + "}\n  - {account: [»root@localhost, \"root@%\"], " + client + "}\n  - {account: \"mysql.{sys,session}@localhost\", " + client + "}\n  - {name: \"r{1,2}\", subject: \"/CN=r{1,2}\", account: \"{x,root}@10.%\", " + client + "}\n",
			[]string{`the account "root@localhost" is made by the server, for its administrator or itself: once fleet.sql is run, its login demands what this entry says, that of an administrator who runs fleet.sql too (and 2 more like it)`}},
		"nowhere": {"servers:\n  - {hosts: [localhost]}\n  - {hosts: [a], " + server + "}\n  - »{hosts: [b]}\n  - {hosts: [c]}\n",
			[]string{`"b" has no deploy_dir: its my.cnf names the files where they lie in the store, and the inventory no place for them (and 1 more like it)`}},
		"one host": {"servers:\n  - {name: a, hosts: [localhost, a], " + server + "}\n  - {name: b, hosts: [»LOCALHOST, b], " + server + "}\n  - {name: c, hosts: [localhost], deploy_dir: /srv/c}\n",
			[]string{`servers[0] (line 2) has the first host "localhost" too`}},
		"one host, no folder": {"servers:\n  - »{name: a, hosts: [h]}\n  - {name: b, hosts: [»h]}\n",
			[]string{`"a" has no deploy_dir`, `servers[0] (line 2) has the first host "h" too`}},
		"one host, two folders": {"servers:\n  - {name: a, hosts: [h], deploy_dir: /srv/a}\n  - {name: b, hosts: [h], deploy_dir: /srv/b}\n", nil},
		"wildcard":              {"defaults: {deploy_dir: /srv}\nservers: [{name: \"a{1..3}\", hosts: [\"*.example.com\"]}]\n", nil},
	} {
		text, places := marked(c.text)
		m, err := Read("fleet.yaml", []byte(text), ground())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []place
		for i, p := range m.Notices {
			got = append(got, place{p.Line, p.Column})
			if i >= len(c.says) || !strings.Contains(p.Message, c.says[i]) || p.Path == "" || p.Hint == "" {
				t.Errorf("%s: %v", name, p)
			}
		}
		if !slices.Equal(got, places) {
			t.Errorf("%s: at %v, want %v", name, got, places)
		}
	}
}

// Of two entries with accounts of one user, one with both may be meant.
func TestOneClientHint(t *testing.T) {
	const rest = "name: gives it another folder"
	for text, want := range map[string]string{
		"clients: [{account: y@%}, {account: y@10.%, subject: /CN=z}]":                                    `one client with both: account: ["y@%", "y@10.%"]; or ` + rest,
		"clients: [{account: [y@%, y@1.%]}, {account: y@10.%, subject: /CN=z}]":                           `one client with both: account: ["y@%", "y@1.%", "y@10.%"]; or ` + rest,
		"clients: [{name: y, account: z@%}, {account: y@10.%}]":                                           rest,
		"servers: [{hosts: [a], subject: /CN=a}, {hosts: [a], subject: /CN=b}]":                           rest,
		"clients: [{account: \"{x,X}@%\"}, {account: \"z{1..2}@%\"}, {account: z2@10.%, subject: /CN=z}]": `one client with both: account: ["z2@%", "z2@10.%"]; or ` + rest,
	} {
		found := findingsOf(t, "defaults: {password: none}\n"+text+"\n")
		if last := found[len(found)-1]; last.Hint != want {
			t.Errorf("%s: %v", text, found)
		}
	}
}

// A number of days that the store's authority does not have changes nothing,
// which is told.
func TestLifetimeNotice(t *testing.T) {
	on := ground()
	begin := on.Now.Add(-40 * 24 * time.Hour)
	on.Authority = standIn(nil, ca.ECP256, begin, begin.AddDate(0, 0, 3650))
	on.Dir = "/srv/pki"
	for text, want := range map[string]string{
		"ca: {days: 3650}\n": "", "ca: {}\n": "", "clients: []\n": "",
		"ca: {days: 3651}\n": `fleet.yaml:1:12: ca.days: the store's authority was made for 3650 days, and keeps them; 3651 would count for a new one`,
	} {
		m, err := Read("fleet.yaml", []byte(text), on)
		if err != nil || m.Notices.Error() != want {
			t.Errorf("%s: %v, %v", text, m, err)
		} else if want != "" && m.Notices[0].Hint != "days: 3650; or myca --dir /srv/pki ca rotate begin --days 3651, which makes a new authority" {
			t.Error(m.Notices[0].Hint)
		}
	}
}

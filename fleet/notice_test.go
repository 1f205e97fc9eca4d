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
	const server, client = "deploy_dir: /srv", "grants: [ALL ON a.*], password: none"
	for name, c := range map[string]struct {
		text string
		says []string // in the order of the document
	}{
		"all said": {"defaults: {deploy_dir: /srv, password: none}\nservers: [{hosts: [a, localhost]}, {hosts: [b, localhost]}]\nclients: [{account: \"a{1..9}@%\", grants: [ALL ON a.*]}]\n", nil},
		"any host": {"clients:\n  - {account: »a, " + client + "}\n  - {account: [\"b@10.%\", \"b\"], " + client + "}\n  - {account: \"c{1..9}\", " + client + "}\n",
			[]string{`the account "a" is "a@%", which can log in from everywhere (and 2 more like it)`}},
		"any host of a replica": {"servers:\n  - {hosts: [a], " + server + "}\n  - {hosts: [b], profile: peer, replicates: {from: a, account: »r}, " + server + "}\n",
			[]string{`the account "r" is "r@%"`}},
		"no privileges": {"clients:\n  - {account: a@x, " + client + "}\n  - »{account: \"b{1..9}@x\", password: none}\n",
			[]string{`"b1" gets no privileges`}},
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

// A number of days that the store's authority does not have changes nothing,
// which is told.
func TestLifetimeNotice(t *testing.T) {
	on := ground()
	begin := on.Now.Add(-40 * 24 * time.Hour)
	on.Authority = standIn(nil, ca.ECP256, begin, begin.AddDate(0, 0, 3650))
	for text, want := range map[string]string{
		"ca: {days: 3650}\n": "", "ca: {}\n": "", "clients: []\n": "",
		"ca: {days: 3651}\n": `fleet.yaml:1:12: ca.days: the store's authority was made for 3650 days, and keeps them; 3651 would count for a new one`,
	} {
		m, err := Read("fleet.yaml", []byte(text), on)
		if err != nil || m.Notices.Error() != want {
			t.Errorf("%s: %v, %v", text, m, err)
		}
	}
}

package fleet

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/issue"
	"myca/store"
)

// provisioned is a store with some identities, and the outputs of these.
type provisioned struct {
	outputs
	all []Identity
}

// provision makes a store that has the identities.
func provision(t testing.TB, all ...Identity) *provisioned {
	t.Helper()
	subject, err := dn.Parse("/C=US/O=sampdb/CN=sampdb CA")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	s, err := store.Found(filepath.Join(t.TempDir(), "pki"), store.Founding{
		Target: parsedTarget(t, "mysql-8.4"), Now: now, Spec: store.Spec{Target: "mysql-8.4", Key: "ec-p256"},
		CA: ca.Spec{Subject: subject, Key: ca.ECP256, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(10, 0, 0)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	p := &provisioned{}
	p.outputs = outputs{
		store: s, at: func(i int) Identity { return p.all[i] }, version: "1.2.3",
		folder: outputFolder(filepath.Join(s.Dir(), "fleet")), secret: func(Identity) (*string, error) { return new("from a file"), nil },
	}
	p.add(t, all...)
	return p
}

// add puts identities into the store and at the end of the manifest.
func (p *provisioned) add(t testing.TB, all ...Identity) {
	t.Helper()
	p.commit(t, false, all...)
	p.all = append(p.all, all...)
	p.count = len(p.all)
}

// commit makes pairs of the identities; with force over those that are there.
func (p *provisioned) commit(t testing.TB, force bool, all ...Identity) {
	t.Helper()
	authority, err := p.store.Authority()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	var items []*store.Item
	for _, id := range all {
		id.Request.NotBefore, id.Request.NotAfter = now.Add(-time.Hour), now.AddDate(1, 0, 0)
		plan, err := id.Request.Check(authority, now)
		if err != nil {
			t.Fatal(err)
		}
		order := store.Order{Plan: plan, Spec: id.Spec, Force: force, Now: now}
		switch id.Spec.Password {
		case "random":
			order.Password = new("random-" + id.Request.Name)
		case "file":
			order.Password = new("from a file")
		}
		item, err := p.store.Draft(order)
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, item)
	}
	if err := p.store.Commit(t.Context(), items...); err != nil {
		t.Fatal(err)
	}
}

func parsedTarget(t testing.TB, text string) dialect.Version {
	t.Helper()
	v, err := dialect.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// aServer is a server as a manifest has it.
func aServer(t testing.TB, name, target, deployDir string) Identity {
	host := name + ".example.com"
	return Identity{
		Request: issue.Request{Kind: issue.Server, Name: name, Profile: issue.ProfilePeer, CommonName: host, SANs: []string{host}, Key: ca.ECP256},
		Spec:    store.Spec{Target: target, Profile: "peer", SANs: []string{host}, Days: 365, Key: "ec-p256", DeployDir: deployDir},
		Target:  parsedTarget(t, target), Host: host,
	}
}

// aReplica is a server that replicates.
func aReplica(t testing.TB, name, target string, from Identity, user string) Identity {
	id := aServer(t, name, target, "/etc/mysql/myca")
	id.Replicates = &Replication{
		Source: from.Request.Name, Target: from.Target, Host: from.Host, Port: 3306, Account: dialect.Account{User: user, Host: "%"},
	}
	return id
}

// aClient is a client as a manifest has it, with one account.
func aClient(t testing.TB, name, target, password string) Identity {
	return Identity{
		Request: issue.Request{Kind: issue.Client, Name: name, CommonName: name, Key: ca.ECP256},
		Spec: store.Spec{
			Target: target, Profile: "client", Days: 365, Key: "ec-p256", Accounts: []string{name + "@%"},
			Require: "issuer,subject", Grants: []string{"SELECT ON app.*"}, Password: password, Mode: "if-not-exists",
		},
		Secret: Secret{Mode: password}, Target: parsedTarget(t, target),
	}
}

// manyClients are n clients.
func manyClients(t testing.TB, n int) []Identity {
	var all []Identity
	for i := range n {
		all = append(all, aClient(t, fmt.Sprintf("app-%05d", i), "mysql-8.4", "none"))
	}
	return all
}

// mixed is a fleet with everything in it.
func mixed(t testing.TB) []Identity {
	db1, galera := aServer(t, "db1", "mysql-8.4", "/etc/mysql/myca"), aServer(t, "galera-1", "mariadb-11.8", "")
	db1.Spec.Owner = "0"
	return []Identity{
		db1, galera, aReplica(t, "db2", "mysql-8.4", db1, "repl2"), aReplica(t, "db3", "mariadb-11.8", galera, "repl3"),
		aClient(t, "app", "mysql-8.4", "none"), aClient(t, "db1", "mysql-8.4", "random"),
		aClient(t, "reports", "mariadb-11.8", "file"),
	}
}

// tree is every file below a folder, with its content, and every folder.
func tree(t testing.TB, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if d.IsDir() {
			found[name] = info.Mode().String()
			return nil
		}
		if info.Mode().Type() == fs.ModeSymlink {
			found[name], err = os.Readlink(path)
			return err
		}
		data, err := os.ReadFile(path)
		found[name] = info.Mode().String() + " " + string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// rotate begins a rotation of the authority: every ca-cert.pem changes.
func rotate(t *testing.T, p *provisioned) {
	t.Helper()
	if _, err := p.store.RotateBegin(t.Context(), ca.Spec{}, store.Spec{}, time.Now()); err != nil {
		t.Fatal(err)
	}
}

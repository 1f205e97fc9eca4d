//go:build unix && !race

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myca/ledger"
)

// manifest is a random manifest of one fleet, whose entries come, go and change.
type manifest struct {
	text     string
	names    []string            // KIND/NAME, sorted
	accounts map[string][]string // by target, as statements write them, sorted
}

func randomManifest(random *rand.Rand) manifest {
	const count = 230 // of applications
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	first := 1 + random.IntN(60)
	apps := fmt.Sprintf("{%03d..%03d}", first, first+count-1)
	unit, host := pick("one", "two"), pick("example.com", "example.net")
	grants := pick("SELECT ON app.*", "SELECT, INSERT ON app.*")
	batch := pick("mysql-8.4", "mariadb-11.8")
	m := manifest{accounts: map[string][]string{}}
	m.text = fmt.Sprintf(`
ca: {subject: "/O=acme/CN=acme CA", key: ec-p256}
defaults: {target: mysql-8.4, key: ec-p256, days: 365, password: none}
servers:
  - {name: source, hosts: [db1.%[4]s]}
  - {name: replica-{1..3}, hosts: ["replica-{1..3}.example.com"], profile: peer,
     replicates: {from: source, account: "repl-{1..3}@10.%%", connect: db1.%[4]s}}
  - {name: "galera-{01..40}", hosts: ["galera-{01..40}.%[4]s", "10.0.0.{01..40}"], profile: %[7]s}
clients:
  - {account: "app-%[1]s@10.%%", subject: "/O=acme/OU=%[2]s/CN=app-%[1]s", grants: ["%[3]s"]}
  - {name: "batch-{01..30}", account: ["batch-{01..30}@10.%%", "batch-{01..30}@%[5]s"], password: random, target: %[6]s}
`, apps, unit, grants, host, pick("localhost", "192.168.%"), batch, pick("server", "peer"))
	m.text = strings.ReplaceAll(m.text, `"10.0.0.{01..40}"`, `"10.0.0.{1..40}"`)
	server := func(name string) { m.names = append(m.names, "server/"+name) }
	client := func(name, target string, hosts int) {
		m.names = append(m.names, "client/"+name)
		for range hosts {
			m.accounts[target] = append(m.accounts[target], name)
		}
	}
	server("source")
	for n := range 3 {
		server(fmt.Sprintf("replica-%d", n+1))
		m.accounts["mysql-8.4"] = append(m.accounts["mysql-8.4"], fmt.Sprintf("repl-%d", n+1))
	}
	for n := range 40 {
		server(fmt.Sprintf("galera-%02d", n+1))
	}
	for n := range count {
		client(fmt.Sprintf("app-%03d", first+n), "mysql-8.4", 1)
	}
	for n := range 30 {
		client(fmt.Sprintf("batch-%02d", n+1), batch, 2)
	}
	slices.Sort(m.names)
	for _, list := range m.accounts {
		slices.Sort(list)
	}
	return m
}

// Processes that apply manifests to a store are killed, 200 of them, at any
// moment, each with another manifest. The last one is not: then there is exactly
// what its manifest says. Each store is for 50, since what is replaced stays in
// its archive.
func TestApplyKilledAtRandom(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	const stores, kills = 4, 50
	for range stores {
		killedStore(t, random, kills)
	}
}

func killedStore(t *testing.T, random *rand.Rand, kills int) {
	t.Helper()
	dir := filepath.Join(inMemory(t), "pki")
	path := filepath.Join(t.TempDir(), "fleet.yaml")
	give := func() manifest {
		m := randomManifest(random)
		if err := os.WriteFile(path, []byte(m.text), 0o600); err != nil {
			t.Fatal(err)
		}
		return m
	}
	apply := []string{"apply", path, "--prune", "--archive", "tar.gz"}
	give()
	begun := time.Now()
	done(t, dir, apply...)
	whole, ended := time.Since(begun), 0
	for killed := 0; killed < kills; {
		if give(); killWithin(t, random, whole, dir, apply...) {
			killed++
		} else {
			ended++
		}
		if killed%10 == 0 { // what is there can be read
			if r := program(dir, "apply", path, "--prune", "--dry-run"); r.code != exitDone && r.code != exitFound {
				t.Fatalf("--dry-run after kill %d ends with %d: %s", killed, r.code, r.talk)
			}
		}
	}
	t.Logf("%d killed, %d ended before", kills, ended)

	m := give()
	done(t, dir, apply...)
	exactly(t, dir, m)
	before := tree(t, dir)
	for _, last := range [][]string{{"apply", path, "--prune", "--archive", "tar.gz", "--dry-run"}, apply} {
		if r := done(t, dir, last...); !strings.HasPrefix(r.out, "nothing to do") {
			t.Errorf("there was something to do: %s", r.out)
		}
	}
	unchanged(t, before, dir)
}

// inMemory is a folder for a test that makes many files: in memory where the
// system has /dev/shm.
func inMemory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "myca-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// killWithin starts the program and kills it within that time. It is false when
// the program ended by itself, which must be well.
func killWithin(t *testing.T, random *rand.Rand, within time.Duration, dir string, args ...string) bool {
	t.Helper()
	c := exec.Command(os.Args[0], append([]string{"--dir", dir}, args...)...)
	c.Env = append(os.Environ(), runAsMyca+"=1", "NO_COLOR=1")
	var talk strings.Builder
	c.Stderr = &talk
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Duration(random.Int64N(int64(within))))
	if err := c.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	err := c.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		t.Fatalf("it failed before it was killed: %v\n%s", err, talk.String())
	}
	return err != nil
}

// exactly asserts that a store and its outputs hold what the manifest says, and
// nothing else that is active.
func exactly(t *testing.T, dir string, m manifest) {
	t.Helper()
	var active, servers, clients []string
	for _, row := range wholeStore(t, dir) {
		if row.State != ledger.Active || row.Kind == ledger.CA {
			continue
		}
		active = append(active, row.Kind+"/"+row.Name)
		if row.Kind == ledger.Server {
			servers = append(servers, row.Name)
		} else {
			clients = append(clients, row.Name)
		}
	}
	same := func(what string, got, want []string) {
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", what, diff)
		}
	}
	same("active", active, m.names)
	slices.Sort(servers)
	slices.Sort(clients)
	same("folders of servers", listing(t, dir, "servers"), servers)
	same("folders of clients", listing(t, dir, "clients"), clients)
	same("statements", listing(t, dir, "sql"), ending(clients, ".sql"))
	same("staged", listing(t, dir, ".new"), nil)
	same("archives of servers", listing(t, dir, "fleet/archives/servers"), ending(servers, ".tar.gz"))
	same("archives of clients", listing(t, dir, "fleet/archives/clients"), ending(clients, ".tar.gz"))
	targets := slices.Sorted(maps.Keys(m.accounts))
	same("outputs", listing(t, dir, "fleet"), slices.Sorted(slices.Values(append([]string{".myca-lock", "archives", "inventory.json"}, targets...))))
	created := regexp.MustCompile("(?m)^CREATE USER IF NOT EXISTS '([^']*)'@")
	for _, target := range targets {
		files := []string{"fleet.sql"}
		if target == "mysql-8.4" {
			files = append(files, "replica-replica-1.sql", "replica-replica-2.sql", "replica-replica-3.sql")
		}
		same(target, listing(t, dir, "fleet/"+target), files)
		text, err := os.ReadFile(filepath.Join(dir, "fleet", target, "fleet.sql"))
		if err != nil {
			t.Fatal(err)
		}
		var accounts []string
		for _, found := range created.FindAllStringSubmatch(string(text), -1) {
			accounts = append(accounts, found[1])
		}
		same("accounts of "+target, accounts, m.accounts[target])
	}
}

// listing is the names in a folder of a store, nil when there are none.
func listing(t *testing.T, dir, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func ending(names []string, suffix string) []string {
	list := make([]string, len(names))
	for n, name := range names {
		list[n] = name + suffix
	}
	return list
}

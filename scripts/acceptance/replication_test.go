package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"myca/scripts/servers"
)

// replication is a source and a replica of one manifest, two hosts that take
// nothing but their archives from the store.
type replication struct {
	source, replica *host // with one store
}

// TestReplication: two servers from a manifest replicate by the statements in
// its outputs alone, over TLS, and only with whom the manifest says.
func TestReplication(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		r := newReplication(t, bin, p)
		r.wantTLS(t)
		again := r.replica.runFile(t, r.statements())
		wantFailure(t, "the replica's statements again", again, "running")
		r.wantReplicated(t, "after the statements were refused")
		r.renewed(t)
		r.strangers(t)
		if p.MySQL() { // as MySQL was before 9.7
			t.Run("without GTIDs", func(t *testing.T) {
				r := newReplication(t, bin, p, "--gtid-mode=OFF", "--enforce-gtid-consistency=OFF")
				r.setAnew(t)
			})
		}
	})
}

// newReplication is one that has begun, of servers with further options.
func newReplication(t *testing.T, bin string, p servers.Product, options ...string) *replication {
	t.Helper()
	r := &replication{source: newHost(t, bin, p), replica: newHost(t, bin, p)}
	r.replica.store = r.source.store
	r.provision(t, "")
	r.start(t, options...)
	r.source.mustRunFile(t, r.source.fleetSQL())
	r.replica.mustRunFile(t, r.statements())
	r.wantReplicated(t, "at first")
	return r
}

// setAnew: a server that replicates gets other TLS options by the statements
// without the one that names the source, and goes on where it was.
func (r *replication) setAnew(t *testing.T) {
	head, rest, _ := strings.Cut(read(t, r.statements()), "\nCHANGE ")
	_, rest, found := strings.Cut(rest, ";\n")
	if !found || !strings.Contains(rest, "\nCHANGE ") {
		t.Fatalf("there are no two CHANGE statements:\n%s", read(t, r.statements()))
	}
	path := filepath.Join(t.TempDir(), "replica.sql")
	write(t, path, head+"\nSTOP REPLICA;\n"+rest)
	r.replica.mustRunFile(t, path)
	r.wantReplicated(t, "with options set anew")
}

// provision applies the manifest, both servers having this further name, and
// unpacks the archives on their hosts.
func (r *replication) provision(t *testing.T, further string) fleetRun {
	t.Helper()
	manifest := fmt.Sprintf(`
ca: {subject: "/C=US/O=sampdb/CN=sampdb CA", key: ec-p256, days: 3650}
defaults: {target: %s, key: ec-p256, days: 365, password: none}
servers:
  - {name: db1, hosts: [db1.example.com, 127.0.0.2%s], profile: peer, deploy_dir: %q}
  - name: db2
    hosts: [db2.example.com, 127.0.0.1%[2]s]
    profile: peer
    deploy_dir: %[4]q
    replicates: {from: db1, account: "repl@%%", connect: "127.0.0.2:%d"}
`, r.source.product.Target, further, r.source.tlsDir(), r.replica.tlsDir(), r.source.server.Port)
	run := r.source.fleet(t, manifest, "--archive", "tar.gz")
	r.source.unpack(t, filepath.Join(r.source.store, "fleet", "archives", "servers", "db1.tar.gz"))
	r.replica.unpack(t, filepath.Join(r.source.store, "fleet", "archives", "servers", "db2.tar.gz"))
	return run
}

// unpack brings the files of an archive to the folder of the server's files,
// for the server's user.
func (h *host) unpack(t *testing.T, archive string) {
	t.Helper()
	dir := shellWord(h.tlsDir())
	result := h.try("install -d -o mysql -m 0750 " + dir + "\ntar -xzf " + shellWord(archive) + " -C " + dir + "\nchown mysql: " + dir + "/*")
	if !result.OK() {
		t.Fatal(result.Stderr)
	}
}

// start starts both servers with the option files of their archives.
func (r *replication) start(t *testing.T, options ...string) {
	t.Helper()
	for i, h := range []*host{r.source, r.replica} {
		err := h.server.Run(servers.Options{DefaultsFile: filepath.Join(h.tlsDir(), "my.cnf"),
			Args: slices.Concat(options, []string{"--server-id=" + strconv.Itoa(i+1), "--log-bin=binlog", "--performance-schema=ON"})})
		if err != nil {
			t.Fatal(err)
		}
	}
	r.source.server.SQL(t, "CREATE DATABASE app; CREATE TABLE app.t (a VARCHAR(64) PRIMARY KEY)")
}

// statements is the replica's file.
func (r *replication) statements() string {
	return filepath.Join(r.source.store, "fleet", r.source.product.Target, "replica-db2.sql")
}

// wantReplicated wants a row of the source to arrive.
func (r *replication) wantReplicated(t *testing.T, when string) {
	t.Helper()
	r.source.server.SQL(t, "INSERT INTO app.t VALUES ('"+when+"')")
	arrived := func() bool {
		return r.replica.server.Try("SELECT a FROM app.t WHERE a = '"+when+"'").Stdout == when+"\n"
	}
	if !within(arrived) {
		t.Fatalf("%s: nothing arrives: %v", when, r.status(t))
	}
}

// within asks until the answer is yes, for a minute.
func within(yes func() bool) bool {
	deadline := time.Now().Add(time.Minute)
	for !yes() {
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(20 * time.Millisecond)
	}
	return true
}

// status is what the replica says of its replication.
func (r *replication) status(t *testing.T) map[string]string {
	t.Helper()
	s := r.replica.server
	result := servers.Execute(s.Product.Command(s.Product.ClientName(), "--no-defaults", "--user=root", "--socket="+s.Socket,
		"--vertical", "--execute=SHOW REPLICA STATUS"), "")
	if !result.OK() {
		t.Fatal(result.Stderr)
	}
	status := map[string]string{}
	for _, line := range strings.Split(result.Stdout, "\n") {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		status[name] = strings.TrimSpace(value)
	}
	return status
}

// wantTLS: the source sees TLS on the replica's connection, and the replica is
// set to demand it and to verify the source.
func (r *replication) wantTLS(t *testing.T) {
	t.Helper()
	version := r.source.server.SQL(t, `SELECT variable_value FROM performance_schema.status_by_thread JOIN performance_schema.threads USING (thread_id)
		WHERE processlist_user = 'repl' AND variable_name = 'Ssl_version'`)
	if version != "TLSv1.3" {
		t.Errorf("the connection of the replica is %q", version)
	}
	prefix, status := "Master_SSL_", r.status(t)
	if r.source.product.MySQL() {
		prefix = "Source_SSL_"
	}
	for name, want := range map[string]string{"Allowed": "Yes", "Verify_Server_Cert": "Yes",
		"CA_File": filepath.Join(r.replica.tlsDir(), "ca-cert.pem"), "Cert": filepath.Join(r.replica.tlsDir(), "server-cert.pem")} {
		if got := status[prefix+name]; got != want {
			t.Errorf("%s%s is %q, want %q", prefix, name, got, want)
		}
	}
}

// reconnect lets the replica connect anew, with the files that are there now.
func (r *replication) reconnect(t *testing.T) {
	t.Helper()
	r.replica.server.SQL(t, "STOP REPLICA; START REPLICA")
}

// renewed: both pairs are renewed because their names changed; replication goes
// on through the reload, and with the new pairs.
func (r *replication) renewed(t *testing.T) {
	before := r.source.presented(t)
	run := r.provision(t, ", localhost")
	if run.Summary.Renew != 2 || len(run.Changes) != 2 || len(run.Changes[1].Accounts) != 0 {
		t.Errorf("after new names: %+v", run)
	}
	r.source.server.ReloadTLS(t)
	r.replica.server.ReloadTLS(t)
	if after := r.source.presented(t); after == before || after != run.Changes[0].Serial {
		t.Errorf("the source presents %s, before %s, issued %s", after, before, run.Changes[0].Serial)
	}
	r.wantReplicated(t, "after the reload")
	r.reconnect(t)
	r.wantReplicated(t, "with the new pairs")
}

// strangers: the replica takes no other source, the source no other replica.
func (r *replication) strangers(t *testing.T) {
	named := r.source.issue(t, "server", "db3.example.com", "127.0.0.3", "--profile", "peer", "--key", "ec-p256")
	twin := *r.source
	twin.store = filepath.Join(t.TempDir(), "pki")
	twin.myca(t, "ca", "create", "--subject", "/C=US/O=sampdb/CN=sampdb CA", "--key", "ec-p256")
	foreign := twin.issue(t, "server", "db1.example.com", "127.0.0.2", "--profile", "peer", "--key", "ec-p256")
	r.refused(t, "a source of another name", r.source, named, "2026")
	r.refused(t, "a source of another CA", r.source, foreign, "2026")
	r.refused(t, "a replica with another certificate", r.replica, named, "1045")
	r.refused(t, "a replica of another CA", r.replica, foreign, "2013", "2026")
}

// refused wants the replica to get no connection, by one of these errors, while h
// has a pair in place of its own, and to go on when it has its own again. h
// itself trusts both CAs meanwhile, so that it is the other side that refuses.
func (r *replication) refused(t *testing.T, what string, h *host, pair issued, numbers ...string) {
	t.Helper()
	bundle := read(t, filepath.Join(h.tlsDir(), "ca-cert.pem"))
	if further := read(t, pair.Files.CA); further != bundle {
		bundle += further
	}
	own := h.swap(t, map[string]string{"ca-cert.pem": bundle,
		"server-cert.pem": read(t, pair.Files.Cert), "server-key.pem": read(t, pair.Files.Key)})
	h.server.ReloadTLS(t)
	r.reconnect(t)
	var status map[string]string
	failed := func() bool {
		status = r.status(t)
		return status["Last_IO_Errno"] != "0"
	}
	if !within(failed) || !slices.Contains(numbers, status["Last_IO_Errno"]) {
		t.Errorf("%s: error %s, want one of %s: %s", what, status["Last_IO_Errno"], numbers, status["Last_IO_Error"])
	}
	h.swap(t, own)
	h.server.ReloadTLS(t)
	r.reconnect(t)
	r.wantReplicated(t, "after "+what)
}

// swap writes texts over files of the server, which keep their owner and mode,
// and returns what they held.
func (h *host) swap(t *testing.T, texts map[string]string) map[string]string {
	t.Helper()
	before := map[string]string{}
	for name, text := range texts {
		path := filepath.Join(h.tlsDir(), name)
		before[name] = read(t, path)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return before
}

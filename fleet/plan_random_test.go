package fleet

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// randomEntries makes manifests in which everything may stand, of a few names,
// so that they come, go and change from one to the next.
type randomEntries struct{ *rand.Rand }

func (r randomEntries) pick(list ...string) string { return list[r.IntN(len(list))] }

// maybe is a field now and then.
func (r randomEntries) maybe(field string) string {
	if r.IntN(3) > 0 {
		return ""
	}
	return ", " + field
}

func (r randomEntries) manifest() string {
	var b strings.Builder
	if r.IntN(2) == 0 {
		b.WriteString("ca: {subject: /O=acme/CN=acme CA, key: ec-p256}\n")
	}
	fmt.Fprintf(&b, "defaults: {target: %s, key: ec-p256, password: none%s%s}\n", r.pick("mysql-8.4", "mysql-9.7", "mariadb-11.8"),
		r.maybe("days: "+r.pick("90", "365", "825")), r.maybe("deploy_dir: /etc/mysql/myca"))
	b.WriteString("servers:\n  - {name: source, hosts: [db1.example.com]}\n")
	for n := range 5 {
		if r.IntN(4) > 0 {
			b.WriteString("  - {" + r.server(fmt.Sprintf("db-%d", n)) + "}\n")
		}
	}
	b.WriteString("clients:\n  - {account: always@%}\n")
	for n := range 8 {
		if r.IntN(4) > 0 {
			b.WriteString("  - {" + r.client(fmt.Sprintf("app-%d", n)) + "}\n")
		}
	}
	return b.String()
}

// pair is the fields that both kinds have.
func (r randomEntries) pair(name string) string {
	subject := r.maybe(r.pick(
		fmt.Sprintf(`subject: "/O=acme/CN=%s"`, name),
		fmt.Sprintf(`subject: "/C=US/O=acme/OU=%s/CN=%s"`, r.pick("one", "two"), name),
		fmt.Sprintf(`subject: "/O=acme \\/ \u00e4/CN=%s", allow_nonportable_subject: true`, name),
	))
	key := r.maybe("key: " + r.pick("ec-p256", "ec-p384", "ed25519"))
	if r.IntN(40) == 0 {
		key = ", key: rsa-2048" + r.maybe("key_format: "+r.pick("pkcs1", "pkcs8"))
	}
	return subject + key + r.maybe("days: "+r.pick("30", "365", "5000")) + r.maybe(`deploy_dir: "C:\\mysql\\tls"`)
}

func (r randomEntries) server(name string) string {
	hosts := []string{`"` + name + `.example.com"`, `"10.0.0.1"`, `"2001:db8::1"`, `"*.example.net"`, "LOCALHOST"}
	r.Shuffle(len(hosts), func(i, j int) { hosts[i], hosts[j] = hosts[j], hosts[i] })
	hosts = append([]string{`"` + name + `"`}, hosts[:r.IntN(len(hosts))]...)
	text := fmt.Sprintf(`name: %s, hosts: [%s]`, name, strings.Join(hosts, ", ")) + r.pair(name)
	if os.Geteuid() == 0 {
		text += r.maybe(`owner: "` + r.pick("0", "1000:1000") + `"`)
	}
	if r.IntN(3) == 0 {
		return text + fmt.Sprintf(`, profile: peer, replicates: {from: source, account: "repl-%s@10.%%", connect: db1.example.com}`, name)
	}
	return text + r.maybe("profile: "+r.pick("server", "peer")) + r.maybe("target: "+r.pick("mysql-8.4", "mariadb-10.11"))
}

func (r randomEntries) client(name string) string {
	user := name + r.pick("", "", "-user")
	accounts := []string{`"` + user + `@10.%"`, `"` + user + `@localhost"`, `"` + user + `@192.168.%"`}
	accounts = accounts[:1+r.IntN(len(accounts))]
	target := r.pick("mysql-8.4", "mysql-9.7", "mariadb-11.8", "mariadb-10.11")
	password, require := r.pick("none", "random", `{file: "app.pw"}`), "issuer, subject"
	if password != "none" {
		require = r.pick("issuer, subject", "subject", "issuer", "x509", `"cipher=TLS_AES_256_GCM_SHA384"`)
	}
	text := fmt.Sprintf(`name: %s, account: [%s], target: %s, password: %s, require: [%s]`, name, strings.Join(accounts, ", "), target, password, require)
	if strings.HasPrefix(target, "mysql") {
		text += r.maybe("partial_revokes: true")
	}
	return text + r.pair(name) +
		r.maybe("profile: "+r.pick("client", "peer")) +
		r.maybe(fmt.Sprintf(`grants: ["%s"]`, r.pick("SELECT ON app.*", "SELECT (id, name), INSERT ON app.orders", "ALL ON *.* WITH GRANT OPTION"))) +
		r.maybe("connect: "+r.pick("db1.example.com", `"10.0.0.1:3307"`, `"[2001:db8::1]:3306"`)) +
		r.maybe("groups: ["+r.pick("client", "client, mysql")+"]")
}

// Random manifests, one after the other on one store: what is planned is done,
// and afterwards nothing is left to be done, and doing that changes no file.
func TestRandomManifests(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := randomEntries{rand.New(rand.NewPCG(seed, 0))}
	seen := map[Action]int{}
	for range 4 {
		w := newWorld(t, 3650)
		for range 12 {
			text := random.manifest()
			w.options.Prune = random.IntN(2) == 0
			w.options.Now = w.options.Now.AddDate(0, 0, random.IntN(40))
			for _, step := range w.apply(text) {
				seen[step.Action]++
				if (step.Action == Renew || step.Action == Update) && len(step.Reasons) == 0 {
					t.Errorf("%+v", step)
				}
			}
			if t.Failed() {
				t.Fatalf("with this manifest:\n%s", text)
			}
		}
	}
	for _, action := range []Action{Create, Renew, Update, Revoke} {
		if seen[action] == 0 {
			t.Errorf("nothing to %s was seen", action)
		}
	}
	t.Log(seen)
}

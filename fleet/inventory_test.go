package fleet

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/ledger"
)

// TestInventory: what Ansible is told of a host that is a server and a client.
func TestInventory(t *testing.T) {
	p := provision(t, mixed(t)...)
	p.archive = true
	p.outputsOf(t, true)
	p.checkInventory(t)
	data, err := os.ReadFile(p.folder.path(inventoryName))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		All struct {
			Children map[string]struct {
				Hosts map[string]struct {
					Address string         `json:"ansible_host"`
					Server  *inventoryPair `json:"myca_server"`
					Client  *inventoryPair `json:"myca_client"`
				}
			}
			Vars struct {
				State string            `json:"myca_state"`
				SQL   []inventoryOutput `json:"myca_sql"`
			}
		}
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	servers, clients := got.All.Children["servers"].Hosts, got.All.Children["clients"].Hosts
	if len(servers) != 4 || len(clients) != 3 || len(got.All.Vars.SQL) != 2 || len(got.All.Vars.State) != stateLength {
		t.Fatalf("%d servers, %d clients, %+v", len(servers), len(clients), got.All.Vars)
	}
	if sql := got.All.Vars.SQL[0]; sql.Target != "mysql-8.4" || sql.Src != p.folder.path("mysql-8.4/fleet.sql") || sql.Mode != "0600" {
		t.Errorf("%+v", sql)
	}
	db1, row := servers["db1"], p.row(t, ledger.Server, "db1")
	if db1.Address != "db1.example.com" || db1.Client != nil || db1.Server.Serial != row.Serial ||
		db1.Server.NotAfter != row.NotAfter.Format("2006-01-02T15:04:05Z") || db1.Server.SQL != nil || db1.Server.Archive == nil {
		t.Errorf("%+v", db1.Server)
	}
	var files []string
	for _, f := range db1.Server.Files {
		files = append(files, filepath.Base(f.Src)+" "+*f.Dest+" "+f.Mode+" "+*f.Owner)
	}
	want := []string{
		"ca-cert.pem /etc/mysql/myca/ca-cert.pem 0644 0", "server-cert.pem /etc/mysql/myca/server-cert.pem 0644 0",
		"server-key.pem /etc/mysql/myca/server-key.pem 0600 0", "my.cnf /etc/mysql/myca/my.cnf 0644 0",
	}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("files of db1 (-want +got):\n%s", diff)
	}
	if f := clients["db1"].Client.Files[3]; f.Dest != nil || f.Owner != nil || f.Mode != "0600" {
		t.Errorf("option file with a password: %+v", f)
	}
	if sql := servers["db2"].Server.SQL; sql == nil || sql.Src != p.folder.path("mysql-8.4/replica-db2.sql") {
		t.Errorf("statements of db2: %+v", sql)
	}
}

// row is the active certificate of that name.
func (p *provisioned) row(t *testing.T, kind, name string) ledger.Row {
	t.Helper()
	r, err := p.store.Ledger().Active(t.Context(), kind, name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestInventoryAnsible lets Ansible read inventories: of everything, of clients
// only, and of nothing.
func TestInventoryAnsible(t *testing.T) {
	program, err := exec.LookPath("ansible-inventory")
	if err != nil && os.Getenv("MYCA_TEST_LIVE") == "required" {
		t.Fatal("ansible-inventory is not installed: apt-get install ansible-core")
	}
	if err != nil {
		t.Skip("ansible-inventory is not installed: apt-get install ansible-core")
	}
	for name, test := range map[string]struct {
		all  []Identity
		want map[string][]string
	}{
		"mixed":   {mixed(t), map[string][]string{"servers": {"db1", "galera-1", "db2", "db3"}, "clients": {"app", "db1", "reports"}}},
		"clients": {[]Identity{aClient(t, "001", "mysql-8.4", "none")}, map[string][]string{"clients": {"001"}}},
		"nothing": {nil, map[string][]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			p := provision(t, test.all...)
			p.outputsOf(t, true)
			read := exec.Command(program, "-i", p.folder.path(inventoryName), "--list")
			read.Env = append(os.Environ(), "HOME="+t.TempDir(), "ANSIBLE_INVENTORY_UNPARSED_FAILED=true")
			var talk strings.Builder
			read.Stderr = &talk
			data, err := read.Output()
			if err != nil || strings.Contains(talk.String(), "WARNING") {
				t.Fatalf("%v: %s", err, talk.String())
			}
			var got map[string]struct {
				Hosts []string
				Vars  map[string]map[string]any `json:"hostvars"`
			}
			if err := json.Unmarshal(data, &got); err != nil {
				t.Fatalf("%v: %s", err, data)
			}
			for _, group := range []string{"servers", "clients"} {
				if diff := cmp.Diff(test.want[group], got[group].Hosts); diff != "" {
					t.Errorf("%s (-want +got):\n%s", group, diff)
				}
				for _, host := range test.want[group] {
					vars := got["_meta"].Vars[host]
					if vars["myca_"+strings.TrimSuffix(group, "s")] == nil || vars["myca_state"] == nil {
						t.Errorf("variables of %s: %v", host, vars)
					}
				}
			}
		})
	}
}

// checkInventory: every file in the inventory is there, with its checksum.
func (p *provisioned) checkInventory(t *testing.T) {
	t.Helper()
	data, err := os.ReadFile(p.folder.path(inventoryName))
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	files := 0
	var visit func(any)
	visit = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				visit(one)
			}
		case map[string]any:
			if src, ok := v["src"].(string); ok {
				files++
				text, err := os.ReadFile(src)
				sum := sha256.Sum256(text)
				if err != nil || v["sha256"] != hex.EncodeToString(sum[:]) {
					t.Errorf("%s: %v, or another checksum than %v", src, err, v["sha256"])
				}
				if info, err := os.Stat(src); err == nil && octal(info.Mode()) != v["mode"] {
					t.Errorf("%s has mode %v, not %v", src, info.Mode(), v["mode"])
				}
			}
			for _, one := range v {
				visit(one)
			}
		}
	}
	visit(document)
	if files < 4*p.count {
		t.Errorf("%d files of %d pairs", files, p.count)
	}
}

// TestStateIn: only the very end of an inventory tells a state.
func TestStateIn(t *testing.T) {
	state := strings.Repeat("a", stateLength)
	for end, want := range map[string]string{
		inventoryEnd(state):       state,
		inventoryEnd(state[1:]):   "",
		"x" + inventoryEnd(state): "",
		inventoryEnd(state) + " ": "",
		inventoryEnd(state)[1:]:   "",
		"":                        "",
	} {
		if got := stateIn(end); got != want {
			t.Errorf("%q has the state %q", end, got)
		}
	}
}

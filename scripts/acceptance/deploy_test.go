package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"myca/scripts/servers"
)

// TestDeploy: the script that the systemd unit runs, as it stands, after a
// renewal: it finds the pair, the client that the server takes and the
// statement that reloads it.
func TestDeploy(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		h.myca(t, "ca", "create", "--subject", "/O=sampdb/CN=sampdb CA", "--key", "ec-p256")
		h.startSecured(t, servers.Options{Bulk: true})
		h.clients(t, "mary")
		before := h.presentedSerial(t)
		h.env = append(h.env, "MYCA_TARGET_DIR="+h.tlsDir())

		h.myca(t, "renew", "client/mary", "--exec", deployScript(t))
		h.wantPresented(t, "only a client renewed", before)
		h.myca(t, "renew", "--all", "--exec", deployScript(t))
		renewed := h.shown(t, "server/localhost").Serial
		if renewed == before {
			t.Errorf("renewed, and the serial is still %s", before)
		}
		h.wantPresented(t, "all renewed", renewed)
		h.deployClients(t, "mary")
		h.getIn(t, "all renewed", "mary")

		// What it must say, and where it must not touch anything.
		h.issue(t, "server", "other", "--key", "ec-p256")
		result := h.tryMyca("renew", "--all", "--exec", deployScript(t))
		wantFailure(t, "two servers in the store", result, "MYCA_SERVER must name the pair")
		h.wantPresented(t, "two servers in the store", renewed)
		h.env = append(h.env, "MYCA_SERVER=localhost")
		h.myca(t, "renew", "server/localhost", "--exec", deployScript(t))
		h.wantPresented(t, "one of two servers", h.shown(t, "server/localhost").Serial)
		h.server.Stop()
		wantFailure(t, "no server", h.tryMyca("renew", "server/localhost", "--exec", deployScript(t)), "no server answers")
	})
}

func (h *host) wantPresented(t *testing.T, when, serial string) {
	t.Helper()
	if got := h.presentedSerial(t); got != serial {
		t.Errorf("%s: the server presents %s, want %s", when, got, serial)
	}
}

// TestUnits verifies the systemd units, with the programs that they run
// somewhere else.
func TestUnits(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	dir := t.TempDir()
	units := []string{filepath.Join(dir, "myca-renew.service"), filepath.Join(dir, "myca-renew.timer")}
	for _, program := range []string{"myca", "myca-deploy"} {
		write(t, filepath.Join(dir, program), "#!/bin/sh\n")
		if err := os.Chmod(filepath.Join(dir, program), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	here := strings.NewReplacer("/usr/local/bin/", dir+"/", "/usr/local/lib/", dir+"/")
	for _, unit := range units {
		write(t, unit, here.Replace(read(t, filepath.Join("../systemd", filepath.Base(unit)))))
	}
	output, err := exec.Command("systemd-analyze", append([]string{"verify", "--man=no", "--recursive-errors=no"}, units...)...).CombinedOutput()
	if err != nil || strings.Contains(string(output), "myca-") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, output)
	}
}

package dialect

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"myca/scripts/servers"
)

// TestTLSOptionOnPrograms asks the real programs for each option of the table,
// and for options written in other ways.
func TestTLSOptionOnPrograms(t *testing.T) {
	names := append(tlsOptionNames(), "skip-ssl", "loose-ssl", "ssl_ca", "SSL-CA", "Ssl_Key", "loose_ssl_mode", "ssl-ce", "ssl-cer", "ssl-c", "ssl-v",
		"ssl-f", "ssl-fip", "tls-v", "tls-ver", "tls-versions", "skip-ssl-ca", "disable_ssl_cert", "skip-skip-ssl-ca", "skip-loose-ssl", "loose-skip-ssl",
		"enable-ssl", "enable-ssl-mode", "ssl-nonsense", "tls-nonsense", "LOOSE-ssl-nonsense", "require-secure", "ssl-session", "auto-generate", "admin-ssl-ce")
	servers.Each(t, func(t *testing.T, p servers.Product) {
		v := version(t, p.Target)
		tool := optionTool{product: p, dir: t.TempDir()}
		if err := os.Chmod(tool.dir, 0o777); err != nil {
			t.Fatal(err)
		}
		known := 0
		for _, name := range names {
			for _, server := range []bool{true, false} {
				option, ok := v.TLSOption(server, name)
				accepted := tool.client
				if server {
					accepted = tool.server
				}
				got, want := ok && option.Known || option.Loose, accepted(t, name, option)
				if got != want {
					t.Errorf("server %t, %s: %+v, and the program takes it: %t", server, name, option, want)
				}
				if got {
					known++
				}
			}
		}
		t.Logf("%s: %d names, each for server and client, of which %d are taken", p.Target, len(names), known)
	})
}

type optionTool struct {
	product servers.Product
	dir     string // an empty folder that everybody can use
	help    string // what mariadbd --verbose --help says without options
}

func (tool *optionTool) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := tool.product.Command(name, append([]string{"--no-defaults"}, args...)...).CombinedOutput()
	if _, exit := err.(*exec.ExitError); err != nil && !exit {
		t.Fatal(err)
	}
	return string(out)
}

// client starts the client, which cannot connect anywhere.
func (tool *optionTool) client(t *testing.T, name string, _ TLSOption) bool {
	t.Helper()
	said := tool.run(t, tool.product.ClientName(), "--"+name+"=1", "--socket="+tool.dir+"/none", "-e", "")
	return !refused(said)
}

// refused says whether a program complains of the option itself.
func refused(said string) bool {
	for _, line := range strings.Split(said, "\n") {
		if (strings.Contains(line, "unknown variable") || strings.Contains(line, "unknown option")) && !strings.Contains(strings.ToLower(line), "[warning]") &&
			!strings.HasPrefix(line, "Warning:") || strings.Contains(line, "ambiguous option") {
			return true
		}
	}
	return false
}

// server starts MySQL's server to check its options; MariaDB's has no such
// mode, and only tells which values its options would have.
func (tool *optionTool) server(t *testing.T, name string, option TLSOption) bool {
	t.Helper()
	if tool.product.MySQL() {
		return !refused(tool.run(t, "mysqld", "--user=mysql", "--datadir="+tool.dir, "--secure-file-priv=", "--skip-log-bin", "--"+name+"=1", "--validate-config"))
	}
	if option.Loose {
		return true // nothing to see
	}
	if tool.help == "" {
		tool.help = helpValues(tool.run(t, "mariadbd", "--verbose", "--help"))
	}
	if slices.Contains(tlsOptionNames(), name) {
		return strings.Contains("\n"+tool.help, "\n"+name+" ")
	}
	// one of them is not the default
	for _, value := range []string{"0", "1"} {
		said := tool.run(t, "mariadbd", "--"+name+"="+value, "--verbose", "--help")
		if strings.Contains(said, "ambiguous option") {
			return false
		}
		if helpValues(said) != tool.help {
			return true
		}
	}
	return false
}

// helpValues is the part of the help that lists the options about TLS with
// their values.
func helpValues(help string) string {
	var lines []string
	for _, line := range strings.Split(help, "\n") {
		if name, _, ok := strings.Cut(line, " "); ok && (strings.HasPrefix(name, "ssl") || strings.HasPrefix(name, "tls") || name == "require-secure-transport") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"myca/scripts/servers"
)

// brokenFiles: what is wrong with the files in the server's folder.
func (i *installation) brokenFiles(t *testing.T) {
	i.broken(t, (*installation).verified, nil, []breakage{
		{id: "file-missing", what: "certificate", do: removed("server-cert.pem"), says: []string{i.folder() + "/server-cert.pem"}},
		{id: "file-missing", what: "bundle", do: removed("ca-cert.pem"), says: []string{i.folder() + "/ca-cert.pem"}},
		{id: "file-missing", what: "key", do: removed("server-key.pem"), also: []string{"key-missing"}, says: []string{i.folder() + "/server-key.pem"}},
		{id: "key-missing", what: "key", do: removed("server-key.pem"), also: []string{"file-missing"}, look: (*installation).verifiedFolder, says: []string{i.folder()}},
		{id: "file-unreadable", what: "certificate cut off", do: cutOff("server-cert.pem"), says: []string{"server-cert.pem"}},
		{id: "file-unreadable", what: "key cut off", do: cutOff("server-key.pem"), also: []string{"key-missing"}, says: []string{"server-key.pem"}},
		{id: "file-unreadable", what: "bundle cut off", do: cutOff("ca-cert.pem"), says: []string{"ca-cert.pem"}},
		{id: "server-cannot-read", what: "key of root", do: admin("chown root: server-key.pem && chmod 0600 server-key.pem"), says: []string{"server-key.pem"}},
		{id: "server-cannot-read", what: "certificate of root", do: admin("chown root: server-cert.pem && chmod 0600 server-cert.pem"), says: []string{"server-cert.pem"}},
		{id: "server-cannot-read", what: "folder of root", do: admin("chown root: . && chmod 0700 ."), says: []string{i.folder()}},
		{id: "server-cannot-read", what: "data folder of root", do: func(t *testing.T, i *installation) {
			t.Cleanup(func() { admin("chown mysql: "+shellWord(i.dataDir())+" && chmod 0755 "+shellWord(i.dataDir()))(t, i) })
			admin("chown root: "+shellWord(i.dataDir())+" && chmod 0700 "+shellWord(i.dataDir()))(t, i)
		}, says: []string{i.dataDir()}},
		{id: "server-cannot-read", what: "in the store", do: func(t *testing.T, i *installation) {
			i.setOption(t, "ssl-key", filepath.Join(i.store, "servers", "localhost", "server-key.pem"))
		}, also: []string{"option-twice"}, says: []string{"server-key.pem"}},
		{id: "key-mismatch", what: "another key", do: func(t *testing.T, i *installation) {
			i.deploy(t, map[string]string{"server-key.pem": pair{key: newKey(t)}.keyPEM(t)})
		}, says: []string{"server-key.pem"}},
		{id: "key-encrypted", what: "a passphrase", do: admin("openssl pkey -in server-key.pem -aes256 -passout pass:secret -out new.pem && cat new.pem >server-key.pem && rm new.pem"),
			says: []string{"server-key.pem"}},
		{id: "key-exposed", what: "readable by others", do: admin("chmod 0755 . && chmod 0644 server-key.pem"), says: []string{"server-key.pem"}},
		{id: "key-exposed", what: "a client's", do: admin("cp -r " + shellWord(filepath.Dir(i.lauraCnf())) + " ../laura && chmod 0755 ../laura && chmod 0644 ../laura/client-key.pem"),
			look: func(i *installation) []string { return []string{"verify", i.etc() + "/laura"} }, says: []string{"laura/client-key.pem"}},
	})
}

// saysInText: what a person reads has the same findings.
func (i *installation) saysInText(t *testing.T) {
	i.keep(t)
	admin("chmod 0755 . && chmod 0644 server-key.pem")(t, i)
	result := i.tryMyca(i.verifiedFolder()...)
	for _, words := range []string{"error key-exposed", "server-key.pem", "why: ", "mend: ", "1 error, 0 warnings"} {
		if result.Code != 3 || !strings.Contains(result.Stdout, words) {
			t.Errorf("exit %d, want %q in\n%s%s", result.Code, words, result.Stdout, result.Stderr)
		}
	}
}

// verifiedFolder is the command that verifies the server's folder alone.
func (i *installation) verifiedFolder() []string { return []string{"verify", i.folder()} }

// removed removes a file of the server's.
func removed(name string) func(*testing.T, *installation) {
	return func(t *testing.T, i *installation) {
		if err := os.Remove(filepath.Join(i.folder(), name)); err != nil {
			t.Fatal(err)
		}
	}
}

// cutOff leaves the first half of a file of the server's.
func cutOff(name string) func(*testing.T, *installation) {
	return func(t *testing.T, i *installation) {
		path := filepath.Join(i.folder(), name)
		if err := os.Truncate(path, int64(len(read(t, path))/2)); err != nil {
			t.Fatal(err)
		}
	}
}

// admin runs a command in the server's folder.
func admin(command string) func(*testing.T, *installation) {
	return func(t *testing.T, i *installation) {
		t.Helper()
		if result := i.try("cd " + shellWord(i.folder()) + " && " + command); !result.OK() {
			t.Fatal(result.Stderr)
		}
	}
}

// setOption adds an option to the server's.
func (i *installation) setOption(t *testing.T, name, value string) {
	t.Helper()
	i.addLines(t, "[mysqld]\n"+name+"="+value+"\n")
}

// addLines adds lines to the server's option file.
func (i *installation) addLines(t *testing.T, lines string) {
	t.Helper()
	f, err := os.OpenFile(i.included(), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(lines); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func mysql(p servers.Product) bool   { return p.MySQL() }
func mariadb(p servers.Product) bool { return !p.MySQL() }

package dialect

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestOptionValueOnTools lets the real programs read some hundred values as
// OptionValue writes them, and values as people write them, which
// ReadOptionValue has to read the same.
func TestOptionValueOnTools(t *testing.T) {
	t.Run("my_print_defaults", func(t *testing.T) {
		checkTool(t, program(t, "my_print_defaults"), func(file string) []string {
			return []string{"--defaults-file=" + file, "mysqld"}
		}, "\n")
	})
	t.Run("mariadbd", func(t *testing.T) {
		checkTool(t, program(t, "mariadbd"), func(file string) []string {
			return []string{"--defaults-file=" + file, "--print-defaults"}
		}, " ")
	})
	t.Run("mysqld", func(t *testing.T) {
		checkTool(t, program(t, "mysqld"), func(file string) []string {
			return []string{"--defaults-file=" + file, "--print-defaults"}
		}, " ")
	})
}

// program finds an installed program, also where only root looks for it.
func program(t *testing.T, name string) string {
	t.Helper()
	for _, candidate := range []string{name, "/usr/sbin/" + name, "/usr/libexec/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// checkTool has the program print the options of a file; it prints each as
// --key=value with the separator after it, values without quotes.
func checkTool(t *testing.T, path string, arguments func(file string) []string, separator string) {
	t.Helper()
	var file, want strings.Builder
	file.WriteString("[mysqld]\n")
	n := 0
	add := func(raw, value string) {
		fmt.Fprintf(&file, "myca-key-%04d=%s\n", n, raw)
		fmt.Fprintf(&want, "--myca-key-%04d=%s%s", n, value, separator)
		n++
	}
	for _, value := range optionValues() {
		written, err := OptionValue(value)
		if err != nil {
			t.Fatal(err)
		}
		add(written, value)
	}
	for _, raw := range rawOptionValues() {
		value, err := ReadOptionValue(raw)
		if err != nil {
			t.Fatal(err)
		}
		add(raw, value)
	}
	name := filepath.Join(t.TempDir(), "my.cnf")
	if err := os.WriteFile(name, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := exec.Command(path, arguments(name)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", path, err, output)
	}
	_, got, _ := strings.Cut(string(output), "--myca-key-0000=")
	got = strings.TrimSuffix("--myca-key-0000="+got, "\n")
	compareOptions(t, got, strings.TrimSuffix(want.String(), "\n"))
	t.Logf("%s read %d values", path, n)
}

// compareOptions names the options in which two such outputs differ.
func compareOptions(t *testing.T, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	gots, wants := strings.Split(got, "--myca-key-"), strings.Split(want, "--myca-key-")
	for i := range wants {
		if i >= len(gots) || gots[i] != wants[i] {
			t.Errorf("option %.60q, want %.60q", append(gots, make([]string, len(wants))...)[i], wants[i])
		}
	}
}

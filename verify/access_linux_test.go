package verify

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"myca/finding"
)

// Where an access control list decides, owner and mode do not tell who may read:
// the key of root that the list opens to mysql, and the one it closes.
func TestAccessControlList(t *testing.T) {
	for _, other := range []byte{0, 4} {
		s := newScene(t, "mysql-8.4")
		s.machine.owners["server-key.pem"] = 0
		s.mycnf(serverOptions)
		if got := kindsOf(s.report(s.path("my.cnf")).Findings); strings.Join(got, " ") != finding.ServerCannotRead {
			t.Fatalf("without a list: %v", got)
		}
		// linux/posix_acl_xattr.h: version 2, and for each entry tag, permissions, number
		list := []byte{2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 4, 0, 244, 1, 0, 0, 4, 0, 0, 0, 255, 255, 255, 255,
			16, 0, 4, 0, 255, 255, 255, 255, 32, 0, other, 0, 255, 255, 255, 255}
		if err := syscall.Setxattr(s.path("server-key.pem"), "system.posix_acl_access", list, 0); err != nil {
			if errors.Is(err, syscall.ENOTSUP) {
				t.Skip("needs a file system with access control lists")
			}
			t.Fatal(err)
		}
		report := s.report(s.path("my.cnf"))
		for _, f := range report.Findings {
			if f.ID == finding.ServerCannotRead {
				t.Errorf("with a list: %v", f)
			}
		}
		if unseen := strings.Join(report.Unseen, "\n"); !strings.Contains(unseen, "access control list") || !strings.Contains(unseen, "server-key.pem") {
			t.Errorf("unseen %q", unseen)
		}
	}
}

// Files that the kernel makes up are not read: some wait for ever.
func TestKernelFiles(t *testing.T) {
	s := newScene(t, "mysql-8.4")
	if _, err := OS().ReadFile("/proc/self/status"); err == nil || !strings.Contains(err.Error(), "kernel") {
		t.Errorf("/proc/self/status: %v", err)
	}
	must(t, os.MkdirAll(s.path("folder"), 0o755))
	for _, name := range []string{"a.pem", "b", "my.cnf"} {
		must(t, os.Symlink("/proc/kmsg", filepath.Join(s.path("folder"), name)))
	}
	s.report(s.path("folder")) // and does not hang
}

//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// programs puts client programs into PATH that say what they are.
func programs(t *testing.T, banners map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, banner := range banners {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\necho '"+banner+"'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

const (
	mysqlBanner   = "mysql  Ver 8.4.3 for Linux on x86_64 (MySQL Community Server - GPL)"
	mariadbBanner = "mariadb  Ver 15.1 Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)"
)

// Options that the programs of this machine would stop at are not written,
// unless somebody says whose programs they are for.
func TestInstallClientForOtherPrograms(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	c := storeAt(t, "2026-01-01T00:00:00Z", "3650")
	c.client("laura", "--target", "mysql-8.4")
	for _, test := range []struct {
		banners map[string]string
		args    []string
		says    string // "": it goes on
	}{
		{map[string]string{"mysql": mariadbBanner, "mariadb": mariadbBanner}, nil, "the client programs here are of mariadb-10.11, which would stop at its option ssl-mode"},
		{map[string]string{"mariadb": mariadbBanner}, nil, "hint: --target mariadb-10.11"},
		{map[string]string{"mysql": mariadbBanner}, []string{"--target", "mysql-8.4"}, ""},
		{map[string]string{"mysql": mariadbBanner}, []string{"--target", "mariadb-10.11"}, ""},
		{map[string]string{"mysql": mysqlBanner, "mariadb": mariadbBanner}, nil, ""},
		{map[string]string{"mysql": "of another kind"}, nil, ""},
		{nil, nil, ""},
	} {
		programs(t, test.banners)
		r := c.run(append([]string{"install", "client", "laura", "--dry-run"}, test.args...)...)
		switch {
		case test.says == "" && r.code != exitFound:
			t.Errorf("%v %q: %d, %s", test.banners, test.args, r.code, r.talk)
		case test.says != "" && (r.code != exitUsage || !strings.Contains(r.talk, test.says)):
			t.Errorf("%v %q: %d, %s", test.banners, test.args, r.code, r.talk)
		}
	}
}

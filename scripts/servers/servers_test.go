package servers

import (
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

func TestStartAndStop(t *testing.T) {
	Each(t, func(t *testing.T, p Product) {
		s := Start(t, p, Options{})
		if got := s.SQL(t, "SELECT VERSION()"); !strings.HasPrefix(got, p.Series()+".") {
			t.Errorf("server version %q, want %s", got, p.Series())
		}
		if got := s.SQL(t, "SELECT COUNT(*) FROM mysql.user WHERE user = ''"); got != "0" {
			t.Errorf("%s anonymous accounts", got)
		}
		for _, host := range []string{"127.0.0.1", "127.0.0.2"} {
			c, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(s.Port)))
			if err != nil {
				t.Errorf("no connection: %v", err)
				continue
			}
			c.Close()
		}
		if result := s.Try("SELECT nonsense"); result.OK() || !strings.Contains(result.Stderr, "ERROR 1054") {
			t.Errorf("a wrong statement gave %+v", result)
		}
		for _, line := range strings.Split(s.Log(), "\n") {
			if strings.Contains(line, "[ERROR]") || strings.Contains(line, "open shared") {
				t.Errorf("error log: %s", line)
			}
		}
		s.SQL(t, "CREATE DATABASE kept")
		s.Stop()
		if err := s.Run(Options{Bulk: true}); err != nil {
			t.Fatal(err)
		}
		if got := s.SQL(t, "SHOW DATABASES LIKE 'kept'"); got != "kept" {
			t.Errorf("after a restart SHOW DATABASES gives %q", got)
		}
	})
}

func TestServerThatDoesNotStart(t *testing.T) {
	Each(t, func(t *testing.T, p Product) {
		s, err := New(t, p)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Run(Options{Args: []string{"--no-such-option-at-all"}})
		if err == nil || !strings.Contains(err.Error(), "no-such-option-at-all") {
			t.Errorf("an unknown option gave the error %v", err)
		}
	})
}

func TestEnv(t *testing.T) {
	Each(t, func(t *testing.T, p Product) {
		for _, program := range []string{"mysql", p.serverName(), "my_print_defaults"} {
			cmd := exec.Command("/bin/sh", "-c", program+" --version")
			cmd.Env = p.Env(t, t.TempDir())
			result := Execute(cmd, "")
			if !result.OK() {
				t.Errorf("%s --version: %+v", program, result)
			}
			if program != "my_print_defaults" && !strings.Contains(result.Stdout, p.Series()+".") {
				t.Errorf("%s in PATH is %q, want %s", program, result.Stdout, p.Series())
			}
		}
	})
}

func TestNothingOfTheEnvironmentReachesPrograms(t *testing.T) {
	t.Setenv("MYSQL_HOST", "elsewhere.invalid")
	for _, setting := range All()[0].Command("env").Env {
		if strings.HasPrefix(setting, "MYSQL_") || setting == "HOME="+os.Getenv("HOME") {
			t.Errorf("the environment holds %s", setting)
		}
	}
}

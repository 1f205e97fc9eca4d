//go:build !race

package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// On a terminal there is a bar with count, rate and remaining time, on one
// line also where that is narrow, and nothing is left of it at the end.
func TestProgressBar(t *testing.T) {
	for _, columns := range []uint16{100, 50} {
		master, slave := openTerminal(t)
		if err := unix.IoctlSetWinsize(int(master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: columns}); err != nil {
			t.Fatal(err)
		}
		run := &tool{terminal: terminal{err: slave, now: time.Now}}
		p := run.progress(10_000)
		if shown := readScreen(t, master, slave); !strings.Contains(shown, "0/10000") || strings.Contains(shown, "/hr") {
			t.Errorf("at first: %q", shown)
		}
		p.add(2500)
		shown := readScreen(t, master, slave)
		if !strings.Contains(shown, "2500/10000") || !strings.Contains(shown, "25%") || !strings.Contains(shown, "/s, ") || !strings.Contains(shown, " s left") || strings.Contains(shown, "s:") {
			t.Errorf("%d columns: %q", columns, shown)
		}
		for drawn := range strings.SplitSeq(shown, "\r") {
			if wide := strings.TrimSuffix(drawn, "\x1b[0K"); len([]rune(wide)) > int(columns) || strings.Contains(wide, "\n") {
				t.Errorf("%d columns: %q", columns, drawn)
			}
		}
		p.clear()
		if after := readScreen(t, master, slave); after != "\x1b[2K\r" {
			t.Errorf("cleared with %q", after)
		}
		p.add(7500)
		if after := readScreen(t, master, slave); !strings.HasSuffix(after, "\x1b[2K\r") && after != "" {
			t.Errorf("the end leaves %q", after)
		}
		master.Close()
		slave.Close()
	}
}

// readScreen is what was written to the terminal and not read yet.
func readScreen(t *testing.T, master, slave *os.File) string {
	t.Helper()
	const end = "<end>"
	if _, err := slave.WriteString(end); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for !strings.HasSuffix(text.String(), end) {
		part := make([]byte, 4096)
		n, err := master.Read(part)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(part[:n])
	}
	return strings.TrimSuffix(text.String(), end)
}

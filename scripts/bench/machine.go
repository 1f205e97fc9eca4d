package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// machine describes where the figures come from, as a Markdown list; what the
// system does not tell is left out.
func machine(dir string) []string {
	facts := []string{
		fmt.Sprintf("- %s/%s, %d cores: %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), orUnknown(field("/proc/cpuinfo", "model name"))),
		"- memory: " + orUnknown(field("/proc/meminfo", "MemTotal")),
		"- kernel: " + orUnknown(said("uname", "-sr")),
		"- file system of the stores: " + orUnknown(strings.TrimPrefix(said("df", "--output=fstype", dir), "Type\n")),
		"- " + runtime.Version() + ", commit " + orUnknown(said("git", "rev-parse", "--short", "HEAD")),
	}
	return facts
}

func orUnknown(text string) string {
	if text == "" {
		return "unknown"
	}
	return text
}

// field is the value of the first line "name : value" of a file.
func field(path, name string) string {
	text, _ := os.ReadFile(path) // not on every system
	for line := range strings.Lines(string(text)) {
		key, value, found := strings.Cut(line, ":")
		if found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// said is what a program prints.
func said(program string, args ...string) string {
	output, _ := exec.Command(program, args...).Output() // not on every system
	return strings.TrimSpace(string(output))
}

package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRun(t *testing.T) {
	tests := []struct {
		name, in, want string
		code           int
	}{
		{"all is well", `
{"Action":"start","Package":"p"}
{"Action":"output","Package":"p","Test":"A","Output":"=== RUN   A\n"}
{"Action":"pass","Package":"p","Test":"A"}
{"Action":"pass","Package":"p"}
`, "tally: 1 passed, 0 failed, 0 skipped\n", 0},
		{"figures are shown", `
{"Action":"output","Package":"p","Test":"A","Output":"    a_test.go:3: figure: 12 connections\n"}
{"Action":"output","Package":"p","Test":"A","Output":"    a_test.go:4: other words\n"}
{"Action":"pass","Package":"p","Test":"A"}
`, "figure: p A: 12 connections\ntally: 1 passed, 0 failed, 0 skipped\n", 0},
		{"failed and skipped tests are shown", `
{"Action":"output","Package":"p","Test":"A","Output":"    a_test.go:3: wrong\n"}
{"Action":"fail","Package":"p","Test":"A"}
{"Action":"output","Package":"p","Test":"B/x","Output":"    b_test.go:4: no openssl\n"}
{"Action":"skip","Package":"p","Test":"B/x"}
{"Action":"pass","Package":"p","Test":"B"}
{"Action":"output","Package":"p","Output":"FAIL\n"}
{"Action":"fail","Package":"p"}
`, "failed: p A\n    a_test.go:3: wrong\nskipped: p B/x: no openssl\ntally: 1 passed, 1 failed, 1 skipped\n", 1},
		{"a package that does not build is a failure", `
{"ImportPath":"p [p.test]","Action":"build-output","Output":"p/a.go:1:1: undefined: x\n"}
{"ImportPath":"p [p.test]","Action":"build-fail"}
{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}
{"Action":"fail","Package":"p","FailedBuild":"p [p.test]"}
`, "p/a.go:1:1: undefined: x\nfailed: p\nFAIL\tp [build failed]\ntally: 0 passed, 1 failed, 0 skipped\n", 1},
		{"a panic shows the test that did not end", `
{"Action":"output","Package":"p","Test":"A","Output":"panic: oops\n"}
{"Action":"output","Package":"p","Output":"exit status 2\n"}
{"Action":"fail","Package":"p"}
`, "failed: p\nexit status 2\nunfinished: p A\npanic: oops\ntally: 0 passed, 1 failed, 0 skipped\n", 1},
		{"no test at all is not success", "go: cannot find main module\n",
			"go: cannot find main module\ntally: 0 passed, 0 failed, 0 skipped\n", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			code := run(strings.NewReader(strings.TrimPrefix(tt.in, "\n")), &out)
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
		})
	}
}

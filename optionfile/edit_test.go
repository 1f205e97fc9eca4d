package optionfile

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

const ourBlock = "# myca: begin server (sum 5ba3bf14df31)\n[mysqld]\nssl-ca=/c.pem\n# myca: end server\n"

func ourLines() []string { return []string{"[mysqld]", "ssl-ca=/c.pem"} }

func TestWithBlock(t *testing.T) {
	dos := func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
	added := strings.Replace(ourBlock, ")", ", newline)", 1)
	for name, c := range map[string]struct{ before, after string }{
		"empty":           {"", ourBlock},
		"at the end":      {"[client]\nport=1\n", "[client]\nport=1\n" + ourBlock},
		"no group":        {"# nothing\n", "# nothing\n" + ourBlock},
		"no newline":      {"[client]\n# end", "[client]\n# end\n" + added},
		"CRLF":            {"[client]\r\nport=1\r\n", "[client]\r\nport=1\r\n" + dos(ourBlock)},
		"CRLF, none last": {"[client]\r\nport=1", "[client]\r\nport=1\r\n" + dos(added)},
		"lone CR":         {"[client]\nport=1\r", "[client]\nport=1\r\n" + added},
		"BOM":             {"\xef\xbb\xbf[client]\n", "\xef\xbb\xbf[client]\n" + ourBlock},
		"mixed":           {"[client]\r\nport=1\n", "[client]\r\nport=1\n" + ourBlock},
		"another block":   {"# myca: begin server2 (sum 000000000000)\n# myca: end server2\n", "# myca: begin server2 (sum 000000000000)\n# myca: end server2\n" + ourBlock},
		"blank lines":     {"\n\n", "\n\n" + ourBlock},
	} {
		file := Parse("/m", []byte(c.before))
		edited, err := file.WithBlock("server", ourLines())
		if err != nil || string(edited.Bytes()) != c.after {
			t.Errorf("%s: %q, %v\nwant %q", name, edited.Bytes(), err, c.after)
			continue
		}
		again, err := edited.WithBlock("server", ourLines())
		if err != nil || string(again.Bytes()) != c.after {
			t.Errorf("%s: a second time %q, %v", name, again.Bytes(), err)
		}
		back, err := edited.WithoutBlock("server")
		if err != nil || string(back.Bytes()) != c.before {
			t.Errorf("%s: without the block %q, %v", name, back.Bytes(), err)
		}
	}
}

func TestReplaceBlock(t *testing.T) {
	const before, after = "[client]\nport=1\n", "# ours ended\n[client]\nport=2\n"
	file, err := Parse("/m", []byte(before+ourBlock+after)).WithBlock("server", []string{"# new", "[mysqld]", "ssl-ca=/d.pem"})
	if err != nil {
		t.Fatal(err)
	}
	block, found, err := file.Block("server")
	if err != nil || !found || block.First != 3 || block.Last != 7 || strings.Join(block.Lines, "|") != "# new|[mysqld]|ssl-ca=/d.pem" {
		t.Errorf("%+v, %t, %v", block, found, err)
	}
	text := string(file.Bytes())
	if !strings.HasPrefix(text, before+"# myca: begin server (sum ") || !strings.HasSuffix(text, ")\n# new\n[mysqld]\nssl-ca=/d.pem\n# myca: end server\n"+after) {
		t.Errorf("%q", text)
	}
	if file.Lines[3].Kind != Comment || file.Lines[5].Group != "mysqld" {
		t.Errorf("lines not read again: %+v", file.Lines)
	}
	// the newline that came with the block is needed by what follows
	added := strings.Replace(ourBlock, ")", ", newline)", 1)
	back, err := Parse("/m", []byte("[client]\n#x\n"+added+"#y\n")).WithoutBlock("server")
	if err != nil || string(back.Bytes()) != "[client]\n#x\n#y\n" {
		t.Errorf("%q, %v", back.Bytes(), err)
	}
	// lines that end in another way since
	back, err = Parse("/m", []byte(strings.ReplaceAll("[client]\n"+ourBlock, "\n", "\r\n"))).WithoutBlock("server")
	if err != nil || string(back.Bytes()) != "[client]\r\n" {
		t.Errorf("%q, %v", back.Bytes(), err)
	}
	same := Parse("/m", []byte("[client]"))
	if back, err := same.WithoutBlock("server"); err != nil || string(back.Bytes()) != "[client]" {
		t.Errorf("%q, %v", back.Bytes(), err)
	}
}

func TestDamagedBlock(t *testing.T) {
	begin, rest, _ := strings.Cut(ourBlock, "\n")
	for name, c := range map[string]struct {
		file, says string
		line       int
	}{
		"no end":          {"[client]\n" + begin + "\n[mysqld]\n", "a begin without an end", 2},
		"edited":          {strings.Replace(ourBlock, "/c.pem", "/x.pem", 1), "it was edited after myca wrote it (it begins in line 1)", 4},
		"a line more":     {strings.Replace(ourBlock, "ssl-ca", "port=1\nssl-ca", 1), "it was edited", 5},
		"no begin":        {rest, "an end without a begin", 3},
		"twice":           {ourBlock + ourBlock, "a second comment of it, after the one in line 1", 5},
		"begins twice":    {begin + "\n" + ourBlock, "a second comment of it, after the one in line 1", 2},
		"ends twice":      {ourBlock + "# myca: end server\n", "a second comment of it", 5},
		"no sum":          {"# myca: begin server\n" + rest, "the comment at its begin was edited", 1},
		"bad sum":         {"# myca: begin server (sum 5ba3)\n" + rest, "the comment at its begin was edited", 1},
		"indented":        {" " + ourBlock, "the comment at its begin was edited", 1},
		"end indented":    {strings.Replace(ourBlock, "# myca: end", "  ; myca: end", 1), "a second comment of it", 4},
		"with text after": {strings.Replace(ourBlock, "end server", "end server (x)", 1), "a second comment of it", 4},
	} {
		file := Parse("/m", []byte(c.file))
		_, _, findErr := file.Block("server")
		_, withErr := file.WithBlock("server", ourLines())
		_, withoutErr := file.WithoutBlock("server")
		for _, err := range []error{findErr, withErr, withoutErr} {
			var damaged *BlockError
			if !errors.As(err, &damaged) || damaged.Line != c.line || !strings.Contains(damaged.Problem, c.says) || damaged.Hint() == "" ||
				!strings.Contains(err.Error(), `"/m" line `) {
				t.Errorf("%s: %v, want %q in line %d", name, err, c.says, c.line)
			}
		}
	}
}

// TestBlockKeepsGroups: options that somebody wrote below the block count in
// its group, which must not be taken from them.
func TestBlockKeepsGroups(t *testing.T) {
	file := Parse("/m", []byte("[client]\n"+ourBlock+"# a comment\nport=1\n[client]\nport=2\n"))
	var e *BlockError
	if _, err := file.WithoutBlock("server"); !errors.As(err, &e) || e.Line != 7 || !strings.Contains(e.Fix, "[mysqld]") {
		t.Errorf("%v", err)
	}
	if _, err := file.WithBlock("server", []string{"[client]", "ssl-ca=/d"}); !errors.As(err, &e) || e.Line != 7 {
		t.Errorf("%v", err)
	}
	if _, err := file.WithBlock("server", []string{"[MYSQLD]", "ssl-ca=/d"}); err != nil {
		t.Error(err)
	}
	// an option outside of any group would stop the reader
	file = Parse("/m", []byte(ourBlock+"port=1\n"))
	if _, err := file.WithoutBlock("server"); !errors.As(err, &e) || e.Line != 5 {
		t.Errorf("%v", err)
	}
}

// FuzzBlock: whatever is in a file without marks of ours, the block goes in and
// out without a trace, changes when asked, and nothing else does.
func FuzzBlock(f *testing.F) {
	addFiles(f)
	for _, seed := range []string{"a\r", "\r\n\r", "\x00", "[mysqld]\r\na=1", "\n\n", "\xef\xbb\xbf", "# myca: begin other (sum 000000000000)\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		if strings.Contains(data, "myca:") && strings.Contains(data, "server") {
			t.Skip("it may have a mark")
		}
		for _, p := range fuzzPrograms() {
			file := p.Parse("/m", []byte(data))
			with, err := file.WithBlock("server", ourLines())
			if err != nil {
				t.Fatalf("%s: %v", p.Name, err)
			}
			block, found, err := with.Block("server")
			if err != nil || !found || strings.Join(block.Lines, "|") != strings.Join(ourLines(), "|") {
				t.Fatalf("%s: %+v, %t, %v in %q", p.Name, block, found, err, with.Bytes())
			}
			other, err := with.WithBlock("server", []string{"[client]", "", "x=1"})
			if err != nil {
				t.Fatalf("%s: %v", p.Name, err)
			}
			again, err := other.WithBlock("server", ourLines())
			if err != nil || !bytes.Equal(again.Bytes(), with.Bytes()) {
				t.Fatalf("%s: changed and back %q, %v; want %q", p.Name, again.Bytes(), err, with.Bytes())
			}
			back, err := other.WithoutBlock("server")
			if err != nil || string(back.Bytes()) != data {
				t.Fatalf("%s: %q, %v; want %q", p.Name, back.Bytes(), err, data)
			}
		}
	})
}

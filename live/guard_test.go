package live

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
)

// number8 is how the protocol has a number of eight bytes.
func number8(n uint64) []byte { return binary.LittleEndian.AppendUint64([]byte{0xfe}, n) }

// packets is an answer of these payloads, numbered from 1.
func packets(payloads ...[]byte) answer {
	return answer{raw: func(w io.Writer) error {
		for i, p := range payloads {
			if err := send(w, byte(i+1), p); err != nil {
				return err
			}
		}
		return nil
	}}
}

// endless is a table of settings without an end.
func endless() answer {
	return answer{raw: func(w io.Writer) error {
		column := append([]byte("\x03def\x00\x00\x00\x01c\x00\x0c"), 45, 0, 0xff, 0, 0, 0, 0xfd, 0, 0, 0, 0, 0)
		for i, p := range [][]byte{{2}, column, column, {0xfe, 0, 0, 2, 0}} {
			if err := send(w, byte(i+1), p); err != nil {
				return err
			}
		}
		for i := byte(5); ; i++ {
			if err := send(w, i, []byte("\x01a\x01b")); err != nil {
				return err
			}
		}
	}}
}

// TestHostileAnswers: what a server sends ends the session and not the process,
// with TLS and without.
func TestHostileAnswers(t *testing.T) {
	secured := &tls.Config{Certificates: []tls.Certificate{pair(t, "db1")}}
	more := []byte{0, 0, 0, 8, 0, 0, 0} // OK, with another result to come
	for what, test := range map[string]struct {
		answer answer
		want   string
	}{
		"columns without bound":    {packets(number8(1 << 40)), "1099511627776 columns"},
		"more than there is":       {packets(number8(1 << 62)), "columns"},
		"columns, padded":          {packets(append(number8(1<<40), make([]byte, 1000)...)), "columns"},
		"16 million columns":       {packets([]byte{0xfd, 0xff, 0xff, 0xff}), "16777215 columns"},
		"65535 columns":            {packets([]byte{0xfc, 0xff, 0xff}), "65535 columns"},
		"columns of a next answer": {packets(more, number8(1<<40)), "1099511627776 columns"},
		"rows without end":         {endless(), "more than 16384 rows"},
		"a packet that is too big": {packets(make([]byte, maxPacket+1)), "a packet of 1048577 bytes"},
		"a number cut off":         {packets([]byte{0xfc}), "malformed"},
		"nothing":                  {packets(), ""},
	} {
		for _, plain := range []bool{true, false} {
			server := fake{greeting: greeting41("8.4.3", ofMySQL|clientSSL), tls: secured, answers: map[string]answer{"SHOW VARIABLES": test.answer}}
			if what == "nothing" {
				server.answers["SHOW VARIABLES"] = answer{raw: func(io.Writer) error { return io.EOF }}
			}
			s, err := Open(within(t), server.start(t), Login{User: "check", Plain: plain})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.pairs(within(t), "SHOW VARIABLES"); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s, plain %v: %v", what, plain, err)
			}
			s.Close()
		}
	}
}

// TestHostileLogins: the same of what comes in place of the answer to a login.
func TestHostileLogins(t *testing.T) {
	secured := &tls.Config{Certificates: []tls.Certificate{pair(t, "db1")}}
	for what, login := range map[string][]byte{
		"short scramble": []byte("\xfemysql_native_password\x00abc"),
		"no scramble":    []byte("\xfesha256_password\x00"),
		"nothing more":   {1},
		"long":           make([]byte, maxPacket+1),
	} {
		for _, plain := range []bool{true, false} {
			server := fake{greeting: greeting41("8.4.3", ofMySQL|clientSSL), tls: secured, login: login}
			got := Try(within(t), server.start(t), Login{User: "check", Password: "p", Plain: plain})
			if got.Refused || !got.In && got.Err == nil {
				t.Errorf("%s, plain %v: %+v", what, plain, got)
			}
		}
	}
}

// TestServerKey: over TCP without TLS a password is not sent encrypted with a key
// of the server's, which is not even asked for; without a password there is
// nothing to keep.
func TestServerKey(t *testing.T) {
	for what, login := range map[string][]byte{"full": {1, 4}, "a key": append([]byte{1}, "-----BEGIN PUBLIC KEY-----"...)} {
		replied := make(chan bool, 1)
		server := fake{greeting: append(bytes.TrimSuffix(greeting41("8.4.3", ofMySQL), []byte("mysql_native_password\x00")), "caching_sha2_password\x00"...), login: login, replied: replied}
		got := Try(within(t), server.startTCP(t), Login{User: "check", Password: "p", Plain: true})
		if !errors.Is(got.Err, errServerKey) || got.Refused || <-replied {
			t.Errorf("%s: %+v", what, got)
		}
	}
	replied := make(chan bool, 1)
	server := fake{greeting: append(bytes.TrimSuffix(greeting41("8.4.3", ofMySQL), []byte("mysql_native_password\x00")), "caching_sha2_password\x00"...), login: []byte{1, 4}, replied: replied}
	if Try(within(t), server.start(t), Login{User: "check", Password: "p", Plain: true}); !<-replied {
		t.Error("by a socket the password is not sent")
	}
}

// TestGuardBudget: a session has an end, whatever the packets.
func TestGuardBudget(t *testing.T) {
	var sent bytes.Buffer
	for range 100 {
		send(&sent, 1, make([]byte, 96))
	}
	g := newGuard(&sent)
	g.left = 1000
	got, err := io.ReadAll(g)
	if len(got) != 1000 || err == nil || !strings.Contains(err.Error(), "more than 256 MiB") {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestGuardPasses: what honest servers send comes through whole, in any pieces.
func TestGuardPasses(t *testing.T) {
	var sent bytes.Buffer
	long := append([]byte{0xfd, 0, 0, 1}, make([]byte, 1<<16)...) // a row of one value of 64 KiB
	for i, p := range [][]byte{[]byte("\xfecaching_sha2_password\x00abcdefgh"), {1, 3}, {0, 0, 0, 2, 0, 0, 0}, {0xfc, 0, 16}, long, {0xfe, 0, 0, 2, 0}, {0xfb}} {
		send(&sent, byte(i), p)
	}
	want := bytes.Clone(sent.Bytes())
	got, err := io.ReadAll(newGuard(sparse{&sent}))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
	}
}

// sparse gives few bytes at a time.
type sparse struct{ io.Reader }

func (r sparse) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(len(p), 7)]) }

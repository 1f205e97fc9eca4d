package live

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myca/dialect"
)

// greeting40 is a greeting of 3.22 to 4.0: version, flags, 18 bytes from these
// on.
func greeting40(version string, flags uint16) []byte {
	tail := []byte{byte(flags), byte(flags >> 8), 8, 2, 0}
	return append([]byte("\x0a"+version+"\x00\x01\x00\x00\x00abcdefgh\x00"), append(tail, make([]byte, 13)...)...)
}

func TestParseGreeting(t *testing.T) {
	maria := func(major, minor, patch int) dialect.Version {
		return dialect.Version{Product: dialect.MariaDB, Major: major, Minor: minor, Patch: patch}
	}
	my := func(major, minor, patch int) dialect.Version {
		return dialect.Version{Product: dialect.MySQL, Major: major, Minor: minor, Patch: patch}
	}
	tests := []struct {
		what    string
		packet  []byte
		banner  string
		version dialect.Version
		tls     bool
	}{
		{"3.21, protocol 9", []byte("\x093.21.33\x00\x01\x00\x00\x00abcdefgh\x00"), "3.21.33", dialect.Version{}, false},
		{"3.22 without flags", []byte("\x0a3.22.1\x00\x01\x00\x00\x00abcdefgh\x00"), "3.22.1", dialect.Version{}, false},
		{"4.0 with TLS", greeting40("4.0.27-standard", clientSSL|0x2c), "4.0.27-standard", my(4, 0, 27), true},
		{"4.0 without", greeting40("4.0.27", 0x2c), "4.0.27", my(4, 0, 27), false},
		{"5.0, no plugin", greeting41("5.0.96-log", 0xa2ff|clientSSL), "5.0.96-log", my(5, 0, 96), true},
		{"8.4", greeting41("8.4.3", ofMySQL|clientSSL), "8.4.3", my(8, 4, 3), true},
		{"8.4 without TLS", greeting41("8.4.3", ofMySQL), "8.4.3", my(8, 4, 3), false},
		{"MariaDB 10", greeting41("5.5.5-10.11.19-MariaDB-0+deb12u1", ofMariaDB|clientSSL), "10.11.19-MariaDB-0+deb12u1", maria(10, 11, 19), true},
		{"MariaDB 11", greeting41("11.8.6-MariaDB", ofMariaDB|clientSSL), "11.8.6-MariaDB", maria(11, 8, 6), true},
		{"MariaDB that hides its name", greeting41("10.6.7", ofMariaDB), "10.6.7", maria(10, 6, 7), false},
		{"MySQL 5.5.5", greeting41("5.5.5-m3", ofMySQL), "5.5.5-m3", my(5, 5, 5), false},
		{"no version", greeting41("proxy", ofMySQL|clientSSL), "proxy", dialect.Version{}, true},
		{"not UTF-8", greeting41("8.0.1-\xff", ofMySQL), "8.0.1-\uFFFD", my(8, 0, 1), false},
	}
	for _, test := range tests {
		g, err := parseGreeting(test.packet)
		if err != nil {
			t.Errorf("%s: %v", test.what, err)
			continue
		}
		if g.banner != test.banner || g.version() != test.version || (g.capabilities&clientSSL != 0) != test.tls {
			t.Errorf("%s: %q, %v, flags %x", test.what, g.banner, g.version(), g.capabilities)
		}
	}
}

func TestNotAGreeting(t *testing.T) {
	tests := []struct{ packet, want string }{
		{"", "empty"},
		{"\xff\x69\x04#HY000Host '10.0.0.1' is blocked", "error 1129 (HY000): Host '10.0.0.1' is blocked"},
		{"\xff\x10\x04Too many connections", "error 1040: Too many connections"},
		{"\xff\x10", "cut off"},
		{"\x0b\x08\x05\x1a\x00", "33060"},
		{"SSH-2.0-OpenSSH_9.2p1", "not a MySQL server"},
		{"\x0a8.0.36", "no version"},
		{"\x0a8.0.36\x00\x01\x00\x00\x00abcdefg", "cut off"},
		{"\x0a8.0.36\x00\x01\x00\x00\x00abcdefgh\x00\xff", "cut off"},
		{string(greeting41("8.0.36", ofMySQL)[:50]), "cut off"},
	}
	for _, test := range tests {
		g, err := parseGreeting([]byte(test.packet))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %+v, %v; want %q", test.packet, g, err, test.want)
		}
	}
}

// FuzzGreeting: nothing that a server sends first makes the reader fail in
// another way than with an error, or read more than the packet; and what it
// takes, the driver takes too, without reading beyond its end.
func FuzzGreeting(f *testing.F) {
	for _, packet := range [][]byte{greeting41("8.4.3", ofMySQL|clientSSL), greeting40("4.0.27", clientSSL),
		[]byte("\x093.21.33\x00"), errorPacket(1129, "#HY000blocked"), []byte("\x0b\x08\x05\x1a\x00")} {
		f.Add(append([]byte{byte(len(packet)), 0, 0, 0}, packet...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := bytes.NewReader(data)
		g, raw, err := readGreeting(r)
		if !bytes.Equal(raw, data[:len(data)-r.Len()]) {
			t.Fatalf("took %q of %q", raw, data)
		}
		if err != nil {
			return
		}
		if n := len(raw) - 4; n > maxGreeting || n != int(data[0])|int(data[1])<<8|int(data[2])<<16 {
			t.Fatalf("%d bytes of greeting", n)
		}
		g.version()
		g.sslRequest()
		if g.capabilities&clientProtocol41 == 0 {
			return
		}
		client, server := net.Pipe()
		d := newDialer(Address{}, Login{Plain: true})
		c, err := d.connectorOver(func(context.Context, string, string) (net.Conn, error) {
			return &heard{client, raw}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		go func() { receive(server); server.Close() }()
		if conn, err := c.Connect(t.Context()); err == nil {
			t.Fatalf("logged in: %v", conn)
		}
		client.Close()
	})
}

func TestGreet(t *testing.T) {
	certificate := pair(t, "db1.example.com")
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS10}
	limit := func(version uint16, suites ...uint16) *tls.Config {
		c := config.Clone()
		c.MaxVersion, c.CipherSuites = version, suites
		return c
	}
	tests := []struct {
		what             string
		server           fake
		protocol, cipher string
	}{
		{"TLS 1.3", fake{greeting: greeting41("8.4.3", ofMySQL|clientSSL), tls: config}, "TLSv1.3", "TLS_AES_128_GCM_SHA256"},
		{"TLS 1.2", fake{greeting: greeting41("5.5.5-10.3.1-MariaDB", ofMariaDB|clientSSL),
			tls: limit(tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384)}, "TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384"},
		{"TLS 1.1", fake{greeting: greeting41("5.6.10", ofMySQL|clientSSL),
			tls: limit(tls.VersionTLS11, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA)}, "TLSv1.1", "ECDHE-ECDSA-AES128-SHA"},
		{"TLS 1.0 in the protocol before 4.1", fake{greeting: greeting40("4.0.27", clientSSL),
			tls: limit(tls.VersionTLS10, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA)}, "TLSv1", "ECDHE-ECDSA-AES256-SHA"},
	}
	for _, test := range tests {
		hello, err := Greet(within(t), test.server.start(t))
		if err != nil || hello.Err != nil || !hello.OffersTLS {
			t.Errorf("%s: %+v, %v", test.what, hello, err)
			continue
		}
		h := hello.Handshake
		if h.Protocol != test.protocol || h.Cipher != test.cipher ||
			len(h.Certificates) != 1 || !bytes.Equal(h.Certificates[0].Raw, certificate.Certificate[0]) {
			t.Errorf("%s: %q %q, %d certificates", test.what, h.Protocol, h.Cipher, len(h.Certificates))
		}
	}
}

func TestGreetWithoutHandshake(t *testing.T) {
	hello, err := Greet(within(t), fake{greeting: greeting41("8.4.3", ofMySQL)}.start(t))
	if err != nil || hello.OffersTLS || hello.Handshake != nil || hello.Err != nil {
		t.Errorf("no TLS: %+v, %v", hello, err)
	}
	hello, err = Greet(within(t), fake{greeting: greeting41("8.4.3", ofMySQL|clientSSL)}.start(t))
	if err != nil || !hello.OffersTLS || hello.Handshake != nil || hello.Err == nil {
		t.Errorf("hung up in the handshake: %+v, %v", hello, err)
	}
	broken := pair(t, "db1.example.com")
	broken.PrivateKey = pair(t, "another").PrivateKey
	config := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &broken, nil }}
	hello, err = Greet(within(t), fake{greeting: greeting41("8.4.3", ofMySQL|clientSSL), tls: config}.start(t))
	if err != nil || hello.Err == nil || hello.Handshake == nil || len(hello.Handshake.Certificates) != 1 || hello.Handshake.Cipher != "" {
		t.Errorf("another's key: %+v, %v", hello, err)
	}
}

func TestGreetErrors(t *testing.T) {
	blocked := fake{greeting: errorPacket(1129, "Host '10.0.0.1' is blocked")}.start(t)
	_, err := Greet(within(t), blocked)
	var fromServer *ServerError
	if !errors.As(err, &fromServer) || fromServer.Number != 1129 || !strings.Contains(err.Error(), blocked.Socket) {
		t.Errorf("blocked: %v", err)
	}
	_, err = Greet(within(t), Address{Socket: filepath.Join(t.TempDir(), "none")})
	if err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("no socket: %v", err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = Greet(ctx, Address{Host: "127.0.0.1", Port: silent.Addr().(*net.TCPAddr).Port})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("silent: %v", err)
	}
}

func TestAddress(t *testing.T) {
	for want, a := range map[string]Address{
		"127.0.0.1:3306":                 {},
		"db1.example.com:3307":           {Host: "db1.example.com", Port: 3307},
		"[::1]:3306":                     {Host: "::1"},
		"socket /run/mysqld/mysqld.sock": {Socket: "/run/mysqld/mysqld.sock", Host: "db1.example.com"},
	} {
		if a.String() != want {
			t.Errorf("%+v: %q, want %q", a, a, want)
		}
	}
}

// TestSuiteNames compares every name with the one that OpenSSL gives the suite
// of the same standard name.
func TestSuiteNames(t *testing.T) {
	output, err := exec.Command("openssl", "ciphers", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0").Output()
	if err != nil {
		t.Skip("needs openssl: ", err)
	}
	names := map[string]string{}
	for _, line := range strings.Split(string(output), "\n") {
		if fields := strings.Fields(line); len(fields) > 2 && fields[1] == "-" {
			names[fields[0]] = fields[2]
		}
	}
	compared := 0
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		if want, known := names[suite.Name]; known {
			compared++
			if got := suiteName(suite.ID); got != want {
				t.Errorf("%s: %q, OpenSSL says %q", suite.Name, got, want)
			}
		}
	}
	if compared < 12 {
		t.Errorf("only %d suites compared", compared)
	}
	for id, want := range map[uint16]string{tls.TLS_RSA_WITH_RC4_128_SHA: "RC4-SHA", tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA: "DES-CBC3-SHA",
		tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA: "ECDHE-RSA-DES-CBC3-SHA", 0xfefe: "0xFEFE"} {
		if got := suiteName(id); got != want {
			t.Errorf("%#x: %q, want %q", id, got, want)
		}
	}
}

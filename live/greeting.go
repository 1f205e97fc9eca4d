package live

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"myca/dialect"
)

// The flags of a greeting that matter here (include/mysql_com.h of MySQL and
// MariaDB).
const (
	clientMySQL      = 1 << 0  // CLIENT_LONG_PASSWORD; MariaDB clears it to announce its own flags
	clientProtocol41 = 1 << 9  // the packets of 4.1 and later
	clientSSL        = 1 << 11 // the server does TLS
)

// Bounds of what a server sends first. A version is at most 60 bytes
// (SERVER_VERSION_LENGTH) and an error message 512 (MYSQL_ERRMSG_SIZE).
const maxGreeting = 4096

// ServerError is an error that the server answered with, before or in place of
// its greeting as well: 1040 too many connections, 1129 the host is blocked,
// 1130 the host may not connect.
type ServerError struct {
	Number  int
	State   string // SQLSTATE of five characters, "" where the server sent none
	Message string
}

// Error is the message as the products' own clients print it.
func (e *ServerError) Error() string {
	if e.State == "" {
		return fmt.Sprintf("error %d: %s", e.Number, e.Message)
	}
	return fmt.Sprintf("error %d (%s): %s", e.Number, e.State, e.Message)
}

// greeting is the first packet of a server.
type greeting struct {
	banner       string
	capabilities uint32
}

// readGreeting reads the first packet and nothing behind it. Raw is every byte
// it took from r. The error is a *ServerError when the server sent one.
func readGreeting(r io.Reader) (g greeting, raw []byte, err error) {
	raw = make([]byte, 4)
	if n, err := io.ReadFull(r, raw); err != nil {
		return g, raw[:n], fmt.Errorf("read the server's greeting: %w", plain(err))
	}
	size := int(raw[0]) | int(raw[1])<<8 | int(raw[2])<<16
	if size == 0 || size > maxGreeting {
		return g, raw, fmt.Errorf("not a MySQL server: its first bytes are %q", raw)
	}
	raw = append(raw, make([]byte, size)...)
	if n, err := io.ReadFull(r, raw[4:]); err != nil {
		return g, raw[:4+n], fmt.Errorf("read the server's greeting: %w", plain(err))
	}
	g, err = parseGreeting(raw[4:])
	return g, raw, err
}

// parseGreeting reads the payload of the first packet: protocol 10 of every
// server since 3.22, protocol 9 of those before, which have no TLS, or an
// error. After the version and its NUL stand the connection's number (4 bytes),
// the scramble (8) and a NUL; then two bytes of flags; then, in packets of 4.1
// and later, character set (1), status (2), the upper two bytes of the flags,
// the scramble's length (1), 10 bytes of filler, the last four of which are
// MariaDB's own flags, and the rest of the scramble, 13 bytes or more, its NUL
// included (MySQL's source documentation, "Protocol::HandshakeV10"; MySQL 4.0,
// sql/sql_parse.cc, check_connections: 18 bytes after the scramble).
func parseGreeting(p []byte) (greeting, error) {
	if len(p) == 0 {
		return greeting{}, errors.New("not a MySQL server: its greeting is empty")
	}
	switch p[0] {
	case 0xff:
		return greeting{}, parseError(p)
	case 9, 10:
	case 11:
		return greeting{}, errors.New("not a greeting of protocol 10 but of 11: this looks like the port of the X Protocol, 33060")
	default:
		return greeting{}, fmt.Errorf("not a MySQL server: its greeting begins with %q", p[:min(len(p), 16)])
	}
	end := bytes.IndexByte(p, 0)
	if end < 0 {
		return greeting{}, errors.New("not a MySQL server: no version in its greeting")
	}
	g := greeting{banner: strings.ToValidUTF8(string(p[1:end]), "\uFFFD")}
	if strings.HasPrefix(g.banner, "5.5.5-") && strings.Contains(g.banner, "MariaDB") {
		g.banner = g.banner[len("5.5.5-"):]
	}
	if p[0] == 9 {
		return g, nil
	}
	rest := p[end+1:]
	const scramble = 4 + 8 + 1
	if len(rest) < scramble {
		return greeting{}, errors.New("the server's greeting is cut off")
	}
	return g, g.readFlags(rest[scramble:])
}

// readFlags reads the part of the greeting that begins with the flags. It
// leaves no packet whole that the driver would read beyond.
func (g *greeting) readFlags(p []byte) error {
	if len(p) == 0 { // protocol 10 before it had flags (3.22)
		return nil
	}
	if len(p) < 2 {
		return errors.New("the server's greeting is cut off")
	}
	g.capabilities = uint32(binary.LittleEndian.Uint16(p))
	if g.capabilities&clientProtocol41 == 0 {
		return nil
	}
	const upper, least = 2 + 1 + 2, 2 + 1 + 2 + 2 + 1 + 10 + 13
	if len(p) < least {
		return errors.New("the server's greeting is cut off")
	}
	g.capabilities |= uint32(binary.LittleEndian.Uint16(p[upper:])) << 16
	return nil
}

// parseError reads an error packet: 0xff, the number (2 bytes), in packets of
// 4.1 and later # and the SQLSTATE (5 characters), and the message. The
// first packet may lack the state, as the server does not know its client yet.
func parseError(p []byte) error {
	if len(p) < 3 {
		return errors.New("the server sent an error that is cut off")
	}
	e := &ServerError{Number: int(binary.LittleEndian.Uint16(p[1:]))}
	message := p[3:]
	if len(message) >= 6 && message[0] == '#' {
		e.State, message = string(message[1:6]), message[6:]
	}
	e.Message = strings.ToValidUTF8(strings.TrimRight(string(message), "\x00"), "\uFFFD")
	return e
}

// version is what the banner says. Without a name a number from 10 on is
// MariaDB's when the flags are; else the zero Version.
func (g greeting) version() dialect.Version {
	v, err := dialect.Detect(g.banner)
	if err != nil && g.capabilities != 0 && g.capabilities&clientMySQL == 0 {
		v, err = dialect.Detect(g.banner + "-MariaDB")
	}
	if err != nil {
		return dialect.Version{}
	}
	return v
}

// sslRequest is the packet that asks for TLS, the second of the connection: 32
// bytes in the protocol of 4.1, of which only the flags count, and 5 before
// (sql/sql_parse.cc of MySQL 4.0 demands 2, SSL_HANDSHAKE_SIZE).
func (g greeting) sslRequest() []byte {
	const maxPacket = 1<<24 - 1
	if g.capabilities&clientProtocol41 == 0 {
		p := []byte{5, 0, 0, 1, 0, 0, 0xff, 0xff, 0xff}
		binary.LittleEndian.PutUint16(p[4:], clientMySQL|clientSSL)
		return p
	}
	const secureConnection, pluginAuth, utf8 = 1 << 15, 1 << 19, 33
	p := make([]byte, 4+32)
	p[0], p[3] = 32, 1
	flags := uint32(clientMySQL | clientProtocol41 | clientSSL | secureConnection | pluginAuth)
	binary.LittleEndian.PutUint32(p[4:], flags&(g.capabilities|clientMySQL))
	binary.LittleEndian.PutUint32(p[8:], maxPacket)
	p[12] = utf8
	return p
}

package live

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// Bounds of what a server may send in one session. The longest answer is that
// about the accounts: of 100,000 it has 60 MiB.
const (
	maxSession = 256 << 20 // bytes
	maxPacket  = 1 << 20   // bytes of one packet
	maxColumns = 4096      // of a table, in both products
)

// guard reads what a server sends after its greeting, packet by packet, and ends
// where the driver would take what it must not: it makes room for as many columns
// as the server says there are, and for packets of any length.
type guard struct {
	in     *bufio.Reader
	left   int64        // bytes of the session
	keyed  func() error // why no key of the server's is taken; nil: it is
	head   []byte       // the beginning of a packet, to be handed on
	rest   int          // bytes of that packet that are still to be read
	begun  bool         // there was a packet
	failed error
}

func newGuard(from io.Reader) *guard {
	return &guard{in: bufio.NewReaderSize(from, 1<<15), left: maxSession}
}

// first is how much of a packet is looked at: its length and number, and the
// longest number that it can begin with.
const first = 4 + 9

// Read hands on whole packets as they come.
func (g *guard) Read(p []byte) (n int, err error) {
	for n < len(p) && (n == 0 || g.in.Buffered() >= first) {
		if g.failed == nil && len(g.head) == 0 && g.rest == 0 {
			g.failed = g.next()
		}
		if g.failed != nil {
			return n, g.failed
		}
		if copied := copy(p[n:], g.head); copied > 0 {
			g.head, n = g.head[copied:], n+copied
			continue
		}
		var read int
		read, g.failed = g.in.Read(p[n:min(len(p), n+g.rest)])
		g.rest, n = g.rest-read, n+read
	}
	return n, nil
}

// next reads the beginning of a packet and judges it.
func (g *guard) next() error {
	head := make([]byte, 4, first)
	if _, err := io.ReadFull(g.in, head); err != nil {
		return err
	}
	size := int(head[0]) | int(head[1])<<8 | int(head[2])<<16
	if g.left -= int64(4 + size); g.left < 0 {
		return fmt.Errorf("the server sends more than %d MiB", maxSession>>20)
	}
	if size > maxPacket {
		return fmt.Errorf("the server sends a packet of %d bytes, more than %d", size, maxPacket)
	}
	head = head[:4+min(size, first-4)]
	if _, err := io.ReadFull(g.in, head[4:]); err != nil {
		return err
	}
	if err := g.judge(head[4:], size); err != nil {
		return err
	}
	g.begun, g.head, g.rest = true, head, 4+size-len(head)
	return nil
}

// judge looks at the first bytes of a packet. In the answers to statements a
// packet begins with the number of columns, or, a row, with the length of its
// first value, or is short (EOF, OK). Only the first packet after the login was
// sent can be another, with 0xfe and the name of a plugin: the driver takes it
// for nothing else, and no second one.
func (g *guard) judge(p []byte, size int) error {
	if len(p) > 0 && p[0] == 1 && g.keyed != nil && !(size == 2 && p[1] == 3) {
		if err := g.keyed(); err != nil {
			return err
		}
	}
	if !g.begun {
		return nil
	}
	var number uint64
	switch {
	case len(p) >= 4 && p[0] == 0xfd:
		number = uint64(p[1]) | uint64(p[2])<<8 | uint64(p[3])<<16
	case len(p) >= 9 && p[0] == 0xfe:
		number = binary.LittleEndian.Uint64(p[1:])
	case len(p) >= 3 && p[0] == 0xfc:
		number = uint64(binary.LittleEndian.Uint16(p[1:]))
	}
	if number > maxColumns && number > uint64(size) {
		return fmt.Errorf("the server sends an answer of %d columns", number)
	}
	return nil
}

// guarded is a connection whose reader is guarded.
type guarded struct {
	net.Conn
	guard *guard
}

// Read hands on whole packets.
func (c guarded) Read(p []byte) (int, error) { return c.guard.Read(p) }

// errServerKey is why a key that a server sends is not used: without TLS somebody
// between, or at the port instead of the server, could have sent his own. The
// products' own clients take none either, unless told to
// (--get-server-public-key of MySQL).
var errServerKey = errors.New("the server asks for the password encrypted with a key that it sends, which without TLS could be anybody's")

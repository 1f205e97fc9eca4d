package live

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// Whoever listens at a socket is one of those who may, or is told nothing.
func TestPeers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	me := os.Geteuid()
	for _, test := range []struct {
		peers *Peers
		want  error
	}{
		{nil, nil},
		{&Peers{UIDs: []int{me + 1, me}}, nil},
		{&Peers{UIDs: []int{me + 1}}, ErrPeer},
		{&Peers{}, ErrPeer},
	} {
		conn, err := Address{Socket: path, Peers: test.peers}.dial(t.Context())
		if !errors.Is(err, test.want) {
			t.Errorf("%+v: %v", test.peers, err)
		}
		if err == nil {
			conn.Close()
		}
	}
	if uid, known, err := (Address{Socket: path}).Peer(t.Context()); err != nil || !known || uid != me {
		t.Errorf("peer %d, %v, %v", uid, known, err)
	}
}

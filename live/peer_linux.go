package live

import (
	"net"

	"golang.org/x/sys/unix"
)

// peer is the number of the user who listens at the other end of a Unix socket
// (SO_PEERCRED of unix(7): whoever called listen). known is false for other
// connections.
func peer(conn net.Conn) (uid int, known bool) {
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		return 0, false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0, false
	}
	var cred *unix.Ucred
	var credErr error
	err = raw.Control(func(fd uintptr) { cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if err != nil || credErr != nil {
		return 0, false
	}
	return int(cred.Uid), true
}

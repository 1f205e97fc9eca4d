package out

import (
	"bufio"
	"crypto/sha256"
	"hash"
	"io/fs"
	"os"
)

// Stream is a file that is written piece by piece, however long it gets. Errors
// of writing come with Close. It is for one goroutine.
type Stream struct {
	file   *os.File
	mode   fs.FileMode
	buffer *bufio.Writer
	sum    hash.Hash
	err    error
}

// CreateStream makes the file path, which gets exactly that mode when it is
// closed. The error wraps fs.ErrExist when there is something at path.
func CreateStream(path string, mode fs.FileMode) (*Stream, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode&0o600)
	if err != nil {
		return nil, explain(path, err)
	}
	return &Stream{file: f, mode: mode, buffer: bufio.NewWriterSize(f, 1<<16), sum: sha256.New()}, nil
}

// WriteString adds text to the file.
func (s *Stream) WriteString(text string) {
	if s.err == nil {
		_, s.err = s.buffer.WriteString(text)
	}
	s.sum.Write([]byte(text))
}

// Close finishes the file and gives the SHA-256 of its bytes, which are not
// flushed to the disk. After an error there is no file.
func (s *Stream) Close() ([sha256.Size]byte, error) {
	if s.err == nil {
		s.err = s.buffer.Flush()
	}
	if s.err != nil {
		s.Discard()
		return [sha256.Size]byte{}, explain(s.file.Name(), s.err)
	}
	err := complete(s.file, nil, s.mode, false, func(*os.File) error { return nil })
	return [sha256.Size]byte(s.sum.Sum(nil)), explain(s.file.Name(), err)
}

// Discard gives the file up: it is removed.
func (s *Stream) Discard() {
	s.file.Close()
	os.Remove(s.file.Name())
}

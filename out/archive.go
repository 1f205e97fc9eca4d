package out

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"time"
)

// Archiver makes archives, one after another; it keeps what a compressor needs
// from one to the next. Its zero value is ready. It is for one goroutine.
type Archiver struct {
	compressor *gzip.Writer
	text       bytes.Buffer
}

// Archive is the files as a tar archive (POSIX.1-1988, ustar), compressed by
// gzip: flat, in the order given, each with its mode, owner and group 0, and the
// time at in whole seconds. The same arguments give the same bytes, from the
// same version of Go. The bytes are valid until the next call.
func (a *Archiver) Archive(files []File, at time.Time) ([]byte, error) {
	a.text.Reset()
	if a.compressor == nil {
		// Keys and certificates hardly shrink: the quickest level is as good.
		w, err := gzip.NewWriterLevel(&a.text, gzip.BestSpeed)
		if err != nil {
			return nil, err
		}
		a.compressor = w
	}
	a.compressor.Reset(&a.text)
	archive := tar.NewWriter(a.compressor)
	for _, f := range files {
		header := tar.Header{
			Typeflag: tar.TypeReg, Format: tar.FormatUSTAR,
			Name: f.Name, Size: int64(len(f.Data)), Mode: int64(f.Mode.Perm()), ModTime: at.Truncate(time.Second),
		}
		if err := archive.WriteHeader(&header); err != nil {
			return nil, err
		}
		if _, err := archive.Write(f.Data); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	if err := a.compressor.Close(); err != nil {
		return nil, err
	}
	return a.text.Bytes(), nil
}

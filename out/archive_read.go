package out

import "fmt"

// Reader reads many small files into memory that it uses again. Its zero value
// is ready. It is for one goroutine.
type Reader struct {
	buffer []byte // what was read since Reset
}

// Reset lets the memory be used again: what Read gave before is not valid any
// more.
func (r *Reader) Reset() { r.buffer = r.buffer[:0] }

// Read is ReadFile, for files that are replaced and not written to. The bytes
// are valid until Reset.
func (r *Reader) Read(path string, limit int64) ([]byte, error) {
	start := len(r.buffer)
	longer, err := appendFile(r.buffer, path, limit)
	if err != nil {
		return nil, explain(path, err)
	}
	r.buffer = longer
	return longer[start:len(longer):len(longer)], nil
}

// tooLong is the error of a file with more than limit bytes.
func tooLong(path string, limit int64) error {
	return fmt.Errorf("%q is longer than %d bytes", path, limit)
}

// notRegular is the error of what is no file.
func notRegular(path string) error { return fmt.Errorf("%q is not a regular file", path) }

//go:build !unix

package out

// appendFile appends the bytes of a regular file.
func appendFile(to []byte, path string, limit int64) ([]byte, error) {
	data, err := ReadFile(path, limit)
	return append(to, data...), err
}

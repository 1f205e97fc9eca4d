package deploy

// Diff is the change of a file in the unified format, with passwords masked;
// "" when nothing changes. Old is nil for a file that is made.
func Diff(path string, old, changed []byte) string { return "" }

package optionfile

// LineKind says what a line of an option file is.
type LineKind string

// The kinds of lines.
const (
	Blank      LineKind = "blank"
	Comment    LineKind = "comment"
	Group      LineKind = "group"
	Assignment LineKind = "option"
	Include    LineKind = "include"    // !include FILE
	IncludeDir LineKind = "includedir" // !includedir FOLDER or ?includedir FOLDER
	BrokenLine LineKind = "broken"
)

// Line is one line of an option file.
type Line struct {
	Raw    string // every byte of it, with the newline
	Number int    // from 1
	Kind   LineKind
	Group  string // of a Group line its own name, else that of the group the line stands in
	// Name is the option's name as written, or the path of an include.
	Name     string
	Value    string // unescaped
	HasValue bool
}

// File is an option file, line by line: the Raw of all Lines are its bytes.
type File struct {
	Path  string
	Lines []Line
}

// Parse splits data into lines and says what each is. It never fails: what the
// programs would not understand is a BrokenLine.
func Parse(path string, data []byte) File {
	return File{Path: path, Lines: []Line{{Raw: string(data), Number: 1, Kind: BrokenLine}}}
}

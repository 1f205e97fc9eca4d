package optionfile

// Read reads the files, one after the other and each with what it includes, as
// the program does, and returns the options of the program's groups.
func Read(sys System, p Program, files ...string) Result { return Result{} }

// ReadPersisted reads the settings that SET PERSIST of MySQL (from 8.0 on)
// keeps in mysqld-auto.cnf of the data folder. They count after the option
// files' and before the command line's. No such file: an empty Result.
func ReadPersisted(sys System, datadir string) Result { return Result{} }

// Then is r followed by later.
func (r Result) Then(later Result) Result { return r }

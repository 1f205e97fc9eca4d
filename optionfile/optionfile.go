// Package optionfile reads option files (my.cnf) as the servers and their
// programs do: which files, which groups, includes, quotes, escapes and
// comments, by the rules of my_default (mysys/my_default.c) of MySQL and MariaDB.
// It keeps every byte of a file and where each option stands, so that a
// diagnosis can name the line and an editor can leave the rest alone.
package optionfile

// Package optionfile reads option files (my.cnf) as the programs of MySQL and
// MariaDB do: which groups a program takes, which lines are options, what an
// option's value is, which files are included, and which setting is in force.
package optionfile

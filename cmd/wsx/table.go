package main

import "strings"

// namesOf returns the names of the rows of a table, or another text of each.
func namesOf[T any](rows []T, name func(T) string) []string {
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = name(row)
	}
	return names
}

// linesOf returns a line of text for each row of a table.
func linesOf[T any](rows []T, line func(T) string) string {
	return strings.Join(namesOf(rows, line), "\n") + "\n"
}

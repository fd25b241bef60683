package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
)

// printTable prints a row for each group and one for all: the number of cases with each verdict.
func printTable(w io.Writer, all []verdict) {
	counts := map[int]map[string]int{}
	total := map[string]int{}
	for _, v := range all {
		g := groupOf(v.Case)
		if counts[g] == nil {
			counts[g] = map[string]int{}
		}
		counts[g][v.column()]++
		total[v.column()]++
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "group\tcases\t")
	for _, c := range columns {
		fmt.Fprint(t, c, "\t")
	}
	fmt.Fprintln(t, "  about")
	for _, g := range slices.Sorted(maps.Keys(counts)) {
		printRow(t, fmt.Sprint(g), counts[g], groupNames[g])
	}
	printRow(t, "all", total, "")
	t.Flush()
}

func printRow(w io.Writer, group string, count map[string]int, about string) {
	sum := 0
	for _, n := range count {
		sum += n
	}
	fmt.Fprintf(w, "%s\t%d\t", group, sum)
	for _, c := range columns {
		fmt.Fprintf(w, "%d\t", count[c])
	}
	fmt.Fprintf(w, "  %s\n", about)
}

// printFaults lists each case that is not OK, and why.
func printFaults(w io.Writer, all []verdict) {
	for _, v := range all {
		if v.column() == ok && !v.rerun {
			continue
		}
		note := ""
		switch {
		case v.rerun:
			note = " (run twice)"
		case v.allowed():
			note = " (allowed)"
		}
		fmt.Fprintf(w, "\n%-8s %s%s %s", v.Case, v.column(), note, v.reason())
	}
	fmt.Fprintln(w)
}

// printJSON prints an array of the cases: verdict is the column of the table.
func printJSON(w io.Writer, all []verdict) {
	type row struct {
		verdict
		Verdict string `json:"verdict"`
	}
	rows := make([]row, len(all))
	for i, v := range all {
		rows[i] = row{v, v.column()}
	}
	json.NewEncoder(w).Encode(rows)
}

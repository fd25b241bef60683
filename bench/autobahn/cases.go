package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// groupNames are the subjects of the suite's groups of cases; 8 and 11 do not exist.
var groupNames = map[int]string{
	1: "framing", 2: "pings and pongs", 3: "reserved bits", 4: "opcodes", 5: "fragmentation",
	6: "UTF-8", 7: "close", 9: "limits", 10: "auto-fragmentation",
	12: "compression, payloads", 13: "compression, parameters",
}

// groupOf returns the group of a case: 6 for "6.4.1".
func groupOf(name string) int {
	first, _, _ := strings.Cut(name, ".")
	n, _ := strconv.Atoi(first)
	return n
}

// selectCases keeps the cases that the selection names: groups (3), ranges of groups (1-7), and cases with
// all below them (6.4), separated by commas. An item that names no case is an error.
func selectCases(all []string, selection string) ([]string, error) {
	if selection == "" {
		return all, nil
	}
	chosen := map[string]bool{}
	for item := range strings.SplitSeq(selection, ",") {
		matches, err := matcher(strings.TrimSpace(item))
		if err != nil {
			return nil, err
		}
		found := false
		for _, name := range all {
			if matches(name) {
				chosen[name], found = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no case %q", item)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(name string) bool { return !chosen[name] }), nil
}

func matcher(item string) (func(name string) bool, error) {
	from, to, isRange := strings.Cut(item, "-")
	if !isRange {
		return func(name string) bool { return name == item || strings.HasPrefix(name, item+".") }, nil
	}
	first, err := strconv.Atoi(from)
	last, err2 := strconv.Atoi(to)
	if err != nil || err2 != nil {
		return nil, fmt.Errorf("%q is not a range of groups", item)
	}
	return func(name string) bool { return first <= groupOf(name) && groupOf(name) <= last }, nil
}

// sortLongestFirst sorts groups that take minutes before those that take seconds, so that no long case is the last of a fuzzer.
func sortLongestFirst(names []string) []string {
	weight := map[int]int{12: 0, 13: 1, 9: 2}
	rank := func(name string) int {
		if w, ok := weight[groupOf(name)]; ok {
			return w
		}
		return len(weight)
	}
	sorted := slices.Clone(names)
	slices.SortStableFunc(sorted, func(a, b string) int { return rank(a) - rank(b) })
	return sorted
}

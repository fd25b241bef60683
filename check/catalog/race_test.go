//go:build race

package catalog_test

// raced reports whether the race detector is on.
const raced = true

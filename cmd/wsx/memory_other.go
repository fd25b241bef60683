//go:build !linux

package main

// releaseProgramPages does nothing: these systems reclaim unused pages themselves.
func releaseProgramPages() {}

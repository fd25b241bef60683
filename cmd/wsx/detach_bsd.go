//go:build unix && !linux

package main

import "golang.org/x/sys/unix"

// duplicate makes a descriptor another name of a file.
func duplicate(file, descriptor int) { unix.Dup2(file, descriptor) }

//go:build unix && !linux

package main

import "golang.org/x/sys/unix"

// duplicate makes descriptor refer to the same open file as file.
func duplicate(file, descriptor int) { unix.Dup2(file, descriptor) }

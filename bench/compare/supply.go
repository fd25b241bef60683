package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"wsx/bench/compare/load"
)

// supply is the data of a scenario: a file that is read repeatedly. It is never in memory as a whole, because the memory of this process
// is counted as that of the processes it starts.
type supply struct {
	file *os.File
	size int64 // of the file, in bytes
}

// supplyFor creates the file in the folder, or opens it.
func supplyFor(folder string, s scenario) (*supply, error) {
	path := filepath.Join(folder, "noise")
	if !s.binary {
		path = filepath.Join(folder, fmt.Sprintf("lines-%d", s.size))
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		f, err = writeSupply(path, s)
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return &supply{f, info.Size()}, nil
}

func writeSupply(path string, s scenario) (*os.File, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriterSize(f, 64<<10)
	if s.binary {
		if _, err := io.Copy(w, load.NoiseReader()); err != nil {
			return nil, err
		}
		return f, w.Flush()
	}
	var line []byte
	for i := range manyLines {
		line = append(load.AppendLine(line[:0], i, s.size), '\n')
		if _, err := w.Write(line); err != nil {
			return nil, err
		}
	}
	return f, w.Flush()
}

// bytes returns the size of a number of messages in a pipe.
func (s scenario) bytes(messages int) int64 {
	if s.binary {
		return int64(messages) * int64(s.size)
	}
	return int64(messages) * int64(s.size+1)
}

// feed writes the first total bytes of the repeated file, and closes w.
func (s *supply) feed(w io.WriteCloser, total int64) error {
	defer w.Close()
	block := make([]byte, 128<<10)
	for offset := int64(0); offset < total; {
		n, err := s.file.ReadAt(block[:min(int64(len(block)), total-offset)], offset%s.size)
		if n == 0 {
			return err
		}
		if _, err := w.Write(block[:n]); err != nil {
			return err
		}
		offset += int64(n)
	}
	return nil
}

// check reads total bytes from r and compares them.
func (s *supply) check(r io.Reader, total int64) error {
	got, want := make([]byte, 64<<10), make([]byte, 64<<10)
	for offset := int64(0); offset < total; {
		n, err := s.file.ReadAt(want[:min(int64(len(want)), total-offset)], offset%s.size)
		if n == 0 {
			return err
		}
		if _, err := io.ReadFull(r, got[:n]); err != nil {
			return fmt.Errorf("standard output ended after %d of %d bytes", offset, total)
		}
		if !bytes.Equal(got[:n], want[:n]) {
			return fmt.Errorf("standard output is not what was sent, near byte %d", offset)
		}
		offset += int64(n)
	}
	return nil
}

// drain reads total bytes from r.
func drain(r io.Reader, total int64) error {
	block := make([]byte, 128<<10)
	for offset := int64(0); offset < total; {
		n, err := r.Read(block)
		offset += int64(n)
		if err != nil && offset < total {
			return fmt.Errorf("standard output ended after %d of %d bytes", offset, total)
		}
	}
	return nil
}

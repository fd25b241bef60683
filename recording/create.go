package recording

import (
	"errors"
	"io/fs"
	"os"
)

// Create opens a file to be written from its beginning. A file that it creates is for its owner alone, as recordings have
// what sessions say. A file that exists keeps its mode: a regular one is emptied, also behind a symbolic link, a device or a
// FIFO is written as it is.
func Create(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if !errors.Is(err, fs.ErrExist) {
		return file, err
	}
	file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600) // a link may lead to no file yet
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = file.Truncate(0)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

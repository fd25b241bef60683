package recording

import (
	"errors"
	"io/fs"
	"os"
)

// Create opens a file to be written from its beginning. A file that it creates is readable by its owner only, as recordings
// contain messages. An existing file keeps its mode: a regular file, also the target of a symbolic link, is truncated; a device
// or FIFO is not.
func Create(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if !errors.Is(err, fs.ErrExist) {
		return file, err
	}
	file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600) // the target of a link may not exist yet
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

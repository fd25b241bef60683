package terminal

import "os"

// replaceFile overwrites the file at path with the content of temp. Windows cannot replace a file that a process has open, as
// every session has the history. If the process is killed meanwhile, old lines remain after the new ones.
func replaceFile(temp, path string) error {
	text, err := os.ReadFile(temp)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err = file.Write(text); err == nil {
		err = file.Truncate(int64(len(text)))
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

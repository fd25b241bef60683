package terminal

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// disableEcho makes a console in its line mode show nothing of what is typed, until echo is called.
func disableEcho(fd int) (echo func(), err error) {
	var found uint32
	if err := windows.GetConsoleMode(windows.Handle(fd), &found); err != nil {
		return nil, fmt.Errorf("set up the console: %w", err)
	}
	if err := windows.SetConsoleMode(windows.Handle(fd), found&^windows.ENABLE_ECHO_INPUT); err != nil {
		return nil, fmt.Errorf("set up the console: %w", err)
	}
	return func() { windows.SetConsoleMode(windows.Handle(fd), found) }, nil
}

package daemon

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"
)

// Status returns the status of a session. Its errors are those of Attach.
func (f Folder) Status(name string) (Status, error) {
	socket, _, first, err := f.connect(name)
	if err != nil {
		return Status{}, err
	}
	socket.Close()
	return first.Status, nil
}

// Sessions returns the status of every session in alphabetical order, and the names of those whose processes were killed. It
// removes the sockets of the latter.
func (f Folder) Sessions() (list []Status, stale []string, err error) {
	names, err := f.Names()
	found, failed := make([]Status, len(names)), make([]error, len(names))
	var queries sync.WaitGroup
	for i, name := range names { // in parallel, since one that does not answer takes long
		queries.Go(func() { found[i], failed[i] = f.Status(name) })
	}
	queries.Wait()
	for i, name := range names {
		err := failed[i]
		var unknown *UnknownError
		var unresponsive *UnresponsiveError
		switch {
		case err == nil:
			list = append(list, found[i])
		case errors.As(err, &unresponsive):
			list = append(list, Status{Name: name, State: StateUnresponsive, PID: unresponsive.PID})
		case errors.As(err, &unknown) && unknown.Stale:
			stale = append(stale, name)
		}
	}
	f.removeLocks()
	return list, stale, err
}

// removeLocks removes the lock files of processes that were killed before they had a socket.
func (f Folder) removeLocks() {
	entries, _ := os.ReadDir(f.path)
	for _, entry := range entries {
		name, found := strings.CutSuffix(entry.Name(), lockSuffix)
		if !found || CheckName(name) != nil {
			continue
		}
		if _, err := os.Lstat(f.socket(name)); errors.Is(err, fs.ErrNotExist) {
			f.removeStale(name)
		}
	}
}

// CloseFrame is the code and the reason of a Close frame.
type CloseFrame struct {
	Code   int
	Reason string
}

// Close closes a session, and returns when its name is free. If frame is nil, it uses the code and reason that the session was
// opened with. If the session ended with an error, that is an *EndError.
func (f Folder) Close(name string, frame *CloseFrame) error {
	socket, lines, first, err := f.connect(name)
	if err != nil {
		return err
	}
	defer socket.Close()
	if f.limit > 0 {
		socket.SetReadDeadline(time.Now().Add(f.limit))
	}
	r := map[string]any{"event": "close", "number": 1}
	if frame == nil {
		r["default"] = true
	} else {
		r["code"], r["reason"] = frame.Code, frame.Reason
	}
	socket.Write(append(marshal(map[string]any{"event": "read", "from": FromAnswer, "follow": true}), marshal(r)...))
	var failure *EndError
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return &UnresponsiveError{name, first.PID, f.limit}
		}
		if err != nil {
			break // the process has ended
		}
		var r reply
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		switch {
		case r.Event.Event == "rejected" && r.Number == 1:
			return refusal(&r)
		case r.Event.Event == "error":
			failure = &EndError{Class: r.Class, Message: r.Message, Hint: r.Hint}
		case r.Event.Event == "end" && failure != nil:
			failure.Exit = r.Exit
		}
	}
	if failure == nil || failure.Exit == 0 || first.State == StateClosed {
		return nil
	}
	return failure
}

package codec

import (
	"bytes"
	"encoding/json"
	"errors"
)

// recordSeparator ends each record of SignalR's JSON protocol.
const recordSeparator = 0x1e

// decodeSignalR decodes the records of a message.
func decodeSignalR(w *writer, payload []byte) error {
	if len(payload) == 0 {
		return errCut
	}
	for len(payload) > 0 {
		record, rest, found := bytes.Cut(payload, []byte{recordSeparator})
		switch {
		case !found:
			return errors.New("no record separator at the end")
		case !json.Valid(record):
			return errors.New("a record that is not JSON")
		}
		if err := w.value(); err != nil {
			return err
		}
		w.rawBytes(record)
		w.end()
		payload = rest
	}
	return nil
}

func encodeSignalR(text []byte) ([]byte, error) {
	if _, err := encodeJSON(text); err != nil {
		return nil, err
	}
	return append(bytes.Clone(text), recordSeparator), nil
}

// Package recording reads recordings, and writes them in the formats of other tools: HAR for browsers, pcapng for
// Wireshark, a script for wsx run.
//
// A recording is a list of events, one JSON object a line, as repl/render/events.schema.json describes them. Only one line is in memory
// at a time, and the output for a line is bounded by a small multiple of its length.
package recording

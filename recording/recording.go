// Package recording reads recordings, and writes them in the formats of other tools: HAR for browsers, pcapng for
// Wireshark, a script for wsx run.
//
// A recording is events, one JSON object a line, as repl/render/events.schema.json describes them. It holds one line in
// memory at a time, and what it writes for a line is bounded by a small multiple of the line.
package recording

//go:build linux

package main

import (
	"encoding/binary"
	"io"
	"strings"
	"testing"
)

// TestComplexMessagesMemory: messages that could take many times their length use at most eight times the largest message, besides the
// memory that the program always uses.
func TestComplexMessagesMemory(t *testing.T) {
	const size = 4 << 20
	const isText, isBinary = 0x81, 0x82
	program := build(t)
	for _, row := range []struct {
		name        string
		opcode      byte
		begin, unit string // the message is begin, then unit repeated; empty where the query alone takes memory
		end         string
		args        []string
	}{
		{"numbers", isText, "[", "1,", "1]", []string{"--jq", "."}},
		{"objects", isText, "[", "{},", "1]", []string{"--jq", "."}},
		{"arrays", isText, "[", "[[]],", "1]", []string{"--jq", "."}},
		{"strings", isText, "[", `"abcdefghijklm",`, "1]", []string{"--jq", "."}},
		{"lines", isText, "", "1\n", "1", []string{"--jq", "."}},
		{"a string", isText, `"`, "a", `"`, []string{"--jq", "."}},
		{"range", isText, `"` + strings.Repeat("a", 1<<16) + `"`, "", "", []string{"--jq", "[range(1e12)]"}},
		{"repeat", isText, `"` + strings.Repeat("a", 1<<16) + `"`, "", "", []string{"--jq", "[repeat(1)]"}},
		{"recurse", isText, `"` + strings.Repeat("a", 1<<16) + `"`, "", "", []string{"--jq", `"x" | [recurse(. + .)]`}},
		{"numbers", isText, "[", "1,", "1]", []string{"-f", "pretty", "--color", "always"}},
		{"objects", isText, "[", "{},", "1]", []string{"-f", "pretty"}},
		{"controls", isText, "", "\x01", "", []string{"-f", "pretty"}},
		{"controls", isText, "", "\x01", "", []string{"-f", "json"}},
		{"bytes", isBinary, "", "\xff", "", []string{"-f", "hex"}},
		{"bytes", isBinary, "", "\xff", "", []string{"-f", "pretty", "--max-rows", "0"}},
		{"controls", isText, "", "\x01", "", []string{"-f", "pretty", "--max-rows", "0"}},
		{"nested", isText, strings.Repeat("[", 40), "1,", "1" + strings.Repeat("]", 40), []string{"-f", "pretty", "--max-rows", "0"}},
		{"nils", isBinary, "\xdd\x00\x3f\xff\xfb", "\xc0", "", []string{"--decode", "msgpack", "--jq", "."}},
		{"nils", isBinary, "\xdd\x00\x3f\xff\xfb", "\xc0", "", []string{"-f", "pretty"}},
		{"text", isBinary, "\xdb\x00\x3f\xff\xfb", "\x01", "", []string{"--decode", "msgpack"}},
		{"bytes", isBinary, "\xc6\x00\x3f\xff\xfb", "\x01", "", []string{"--decode", "msgpack", "--jq", "."}},
		{"empty bytes", isBinary, "\x9f", "\x40", "\xff", []string{"--decode", "cbor", "--jq", "."}},
		{"keys", isBinary, "", "\xa1\x80\x80", "", []string{"--decode", "cbor", "--jq", "."}},
		{"fields", isBinary, "", "\x08\x01", "", []string{"--decode", "protobuf", "--jq", "."}},
		{"packets", isBinary, "", "\xc0\x00", "", []string{"--decode", "mqtt", "--jq", "."}},
		{"frames", isText, "", "A\n\n\x00", "", []string{"--decode", "stomp", "--jq", "."}},
		{"headers", isText, "A\n", "a:\n", "\n\x00", []string{"--decode", "stomp", "--jq", "."}},
	} {
		t.Run(row.name+" "+strings.Join(row.args, " "), func(t *testing.T) {
			units := 0
			if row.unit != "" {
				units = (size - len(row.begin) - len(row.end)) / len(row.unit)
			}
			message := row.begin + strings.Repeat(row.unit, units) + row.end
			url := framesURL(t, func(w io.Writer) {
				w.Write(binary.BigEndian.AppendUint64([]byte{row.opcode, 127}, uint64(len(message))))
				io.WriteString(w, message)
			})
			p := startBuilt(t, program, append(row.args, "--max-message", "4MiB", "-w", "-1", url)...)
			p.stdin.Close()
			io.Copy(io.Discard, p.stdout)
			p.wantSuccess()
		})
	}
}

// TestLongMessagesMemory: a format that only shows a message uses at most three times the largest message, besides the memory that the
// program always uses.
func TestLongMessagesMemory(t *testing.T) {
	const size, largest, always = 48 << 20, 64 << 20, 24_000_000
	program := build(t)
	for _, args := range [][]string{{"-f", "json"}, {"-f", "pretty"}, {"--record", "to.json"}, {"-f", "json", "--record", "to.json"}, {"-f", "pretty", "--max-rows", "0"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Chdir(t.TempDir())
			url := framesURL(t, func(w io.Writer) {
				for range 2 { // what the first leaves behind counts as well
					w.Write(binary.BigEndian.AppendUint64([]byte{0x81, 127}, size))
					io.WriteString(w, "["+strings.Repeat("1,", size/2-1)+"1")
				}
			})
			p := startBuilt(t, program, append(args, "-w", "-1", url)...)
			p.limit = 3*largest + always
			p.stdin.Close()
			io.Copy(io.Discard, p.stdout)
			p.wantSuccess()
		})
	}
}

//go:build linux

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"wsx/client/wire"
	"wsx/codec"
)

// flood is the number of messages that the program receives in a round of BenchmarkFormats, and floodText the text of each.
const (
	flood     = 300_000
	floodText = `{"id":123456,"side":"buy","price":101.25}`
)

// BenchmarkFormats: the program receives a flood of small messages in each format. It reports how many the program shows in a second of
// CPU time, user and system.
func BenchmarkFormats(b *testing.B) {
	wsx := build(b)
	for _, row := range []struct {
		encoding string // "" = text
		args     []string
	}{
		{"", []string{"-f", "raw"}},
		{"", []string{"-f", "bytes"}},
		{"", []string{"-f", "hex"}},
		{"", []string{"-f", "json"}},
		{"", []string{"-f", "pretty", "--color", "always"}},
		{"", []string{"--jq", ".id"}},
		{"", []string{"--grep", "buy"}},
		{"", []string{"--only", "in,text"}},
		{"", []string{"-T", "wall"}},
		{"", []string{"--record", os.DevNull}},
		{"", []string{"--template", `{{.Data}}\n`}},
		{"", []string{"--template", `{{time "15:04:05" .Time}} {{.JSON.id}}\n`}},
		{"json", []string{"--decode", "json"}},
		{"msgpack", []string{"--decode", "msgpack"}},
		{"cbor", []string{"--decode", "cbor"}},
		{"protobuf", []string{"--decode", "protobuf"}},
		{"gzip", []string{"--decode", "gzip"}},
		{"msgpack", []string{"--decode", "auto"}},
	} {
		name := strings.TrimSpace(strings.Join(row.args, " ") + " " + row.encoding)
		b.Run(name, func(b *testing.B) {
			url := floodURL(b, row.encoding)
			var cpuTime time.Duration
			for b.Loop() {
				cmd := exec.Command(wsx, append(row.args, "-q", "-w", "-1", url)...)
				if err := cmd.Run(); err != nil {
					b.Fatal(err)
				}
				cpuTime += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			}
			b.ReportMetric(float64(b.N)*flood/cpuTime.Seconds(), "msg/s")
		})
	}
}

// floodSchema is the protobuf schema of the flood.
func floodSchema(string) ([]byte, error) {
	return []byte(`syntax = "proto3"; message Trade { int64 id = 1; string side = 2; double price = 3; }`), nil
}

// floodURL starts a server that sends the flood, encoded if a codec is named.
func floodURL(b *testing.B, encoding string) string {
	const fin = 0x80
	opcode, payload := wire.Text, []byte(floodText)
	if encoding != "" {
		schema, err := codec.LoadSchema(floodSchema, "trade.proto", "Trade")
		if err != nil {
			b.Fatal(err)
		}
		encode, err := codec.NewEncoder(encoding, codec.Options{Schema: schema})
		if err != nil {
			b.Fatal(err)
		}
		m, err := encode(payload)
		if err != nil {
			b.Fatal(err)
		}
		payload = m.Data
		opcode = wire.Binary
	}
	frame := append([]byte{fin | byte(opcode), byte(len(payload))}, payload...)
	block := bytes.Repeat(frame, 1000)
	return framesURL(b, func(w io.Writer) {
		for range flood / 1000 {
			w.Write(block)
		}
	})
}

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

// flood is how many messages the program hears in a round of BenchmarkFormats, and floodText is each of them, as it is
// or packed.
const (
	flood     = 300_000
	floodText = `{"id":123456,"side":"buy","price":101.25}`
)

// BenchmarkFormats has the whole program hear a flood of small messages in each format. It tells how many the program
// shows in a second of one core: of its time in the kernel and outside, however many cores there are.
func BenchmarkFormats(b *testing.B) {
	wsx := build(b)
	for _, row := range []struct {
		packing string // "" = text
		args    []string
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
		name := strings.TrimSpace(strings.Join(row.args, " ") + " " + row.packing)
		b.Run(name, func(b *testing.B) {
			url := floodURL(b, row.packing)
			var took time.Duration
			for b.Loop() {
				cmd := exec.Command(wsx, append(row.args, "-q", "-w", "-1", url)...)
				if err := cmd.Run(); err != nil {
					b.Fatal(err)
				}
				took += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			}
			b.ReportMetric(float64(b.N)*flood/took.Seconds(), "msg/s")
		})
	}
}

// floodSchema is what the flood is in protobuf.
func floodSchema(string) ([]byte, error) {
	return []byte(`syntax = "proto3"; message Trade { int64 id = 1; string side = 2; double price = 3; }`), nil
}

// floodURL is a server that says the flood, packed by a coding if one is named.
func floodURL(b *testing.B, packing string) string {
	const fin = 0x80
	opcode, payload := wire.Text, []byte(floodText)
	if packing != "" {
		schema, err := codec.LoadSchema(floodSchema, "trade.proto", "Trade")
		if err != nil {
			b.Fatal(err)
		}
		encode, err := codec.NewEncoder(packing, codec.Options{Schema: schema})
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

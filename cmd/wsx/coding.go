package main

import (
	"fmt"
	"os"

	"wsx/client"
	"wsx/repl"
	"wsx/repl/render"
	"wsx/repl/render/coding"
)

// codingNames are the codings that --decode and --encode know.
func codingNames() []string {
	var names []string
	for _, c := range coding.Codings(nil) {
		names = append(names, c.Name)
	}
	return names
}

// decoder is what undoes the coding of payloads, nil if they are to be shown as they are.
func (f *flags) decoder() (render.Decoder, error) {
	name := f.decode.value
	if name == "" && f.format.value == "pretty" {
		name = "auto"
	}
	if name == "" || name == "none" {
		return nil, nil
	}
	schema, err := f.schema()
	if err != nil {
		return nil, err
	}
	codings := coding.Codings(schema)
	if name == "auto" {
		return coding.NewGuess(codings, schema), nil
	}
	found, _ := coding.Find(codings, name) // the flag's parser knows the names
	return coding.Fixed{Coding: found}, nil
}

// encoding is what packs the lines that are said, nil if nothing does.
func (f *flags) encoding() (repl.Encoding, error) {
	if f.encode.value == "" {
		return nil, nil
	}
	schema, err := f.schema()
	if err != nil {
		return nil, err
	}
	found, _ := coding.Find(coding.Codings(schema), f.encode.value)
	if found.Encode == nil {
		return nil, &client.UsageError{Message: fmt.Sprintf("--encode %s: it can only be decoded", f.encode.value)}
	}
	return found.Encode, nil
}

// schema is the protobuf message of --proto and --message; nil = none.
func (f *flags) schema() (*coding.Schema, error) {
	if (f.proto == "") != (f.message == "") {
		return nil, &client.UsageError{Message: "--proto names a file and --message a message in it: give both"}
	}
	if f.proto == "" {
		return nil, nil
	}
	return coding.LoadSchema(os.ReadFile, f.proto, f.message)
}

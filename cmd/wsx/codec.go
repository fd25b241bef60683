package main

import (
	"fmt"
	"os"

	"wsx/client/dial"
	"wsx/codec"
)

// decoders and encoders return the names that --decode and --encode accept.
func decoders() []string {
	return append([]string{codec.Auto, "none"}, namesOf(codec.Codecs(), func(c codec.Codec) string { return c.Name })...)
}

func encoders() (names []string) {
	for _, c := range codec.Codecs() {
		if c.Encodes() {
			names = append(names, c.Name)
		}
	}
	return names
}

// decoder returns the decoder with a name; nil = messages are not decoded.
func (f *flags) decoder(name string) (*codec.Decoder, error) {
	o, err := f.codecOptions()
	if err != nil || name == "" || name == "none" {
		return nil, err
	}
	return codec.NewDecoder(name, o)
}

// viewDecoder returns the name of the decoder for display. In the format pretty, which is for people, it is auto by default.
func (f *flags) viewDecoder() string {
	if f.decode.Value == "" && f.format.Value == "pretty" {
		return codec.Auto
	}
	return f.decode.Value
}

// matchDecoder returns the name of the decoder for --until and /expect. At a prompt it is that of the display; in a script it
// must not depend on where the output goes.
func (f *flags) matchDecoder(u *ui) string {
	if u.interactive() {
		return f.viewDecoder()
	}
	return f.decode.Value
}

// encoder returns the encoder of --encode; nil = lines are sent as they are.
func (f *flags) encoder() (codec.Encoder, error) {
	if f.encode.Value == "" {
		return nil, nil
	}
	o, err := f.codecOptions()
	if err != nil {
		return nil, err
	}
	if f.encode.Value == "protobuf" && o.Schema == nil {
		return nil, &dial.UsageError{Message: "--encode protobuf needs a schema and a message type", Hint: "--proto FILE --message NAME"}
	}
	return codec.NewEncoder(f.encode.Value, o)
}

// codecOptions returns the options of codecs.
func (f *flags) codecOptions() (o codec.Options, err error) {
	if (f.proto == "") != (f.message == "") {
		return o, &dial.UsageError{Message: "--proto and --message must be given together"}
	}
	o.Limit = int64(f.maxMessage)
	if f.proto != "" {
		if o.Schema, err = codec.LoadSchema(os.ReadFile, f.proto, f.message); err != nil {
			return o, err
		}
	}
	if f.dictionary == "" {
		return o, nil
	}
	if o.Dictionary, err = os.ReadFile(f.dictionary); err != nil {
		return o, err
	}
	if err := codec.CheckDictionary(o.Dictionary); err != nil {
		return o, fmt.Errorf("%s: not a zstd dictionary: %w", f.dictionary, err)
	}
	return o, nil
}

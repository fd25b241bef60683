package main

import (
	"os"

	"wsx/client"
	"wsx/client/dial"
	"wsx/codec"
	"wsx/repl"
	"wsx/repl/render"
)

// decodings and encodings are the names that --decode and --encode know.
func decodings() []string {
	names := []string{"auto", "none"}
	for _, c := range codec.Codings(codec.Options{}) {
		names = append(names, c.Name)
	}
	return names
}

func encodings() (names []string) {
	for _, c := range codec.Codings(codec.Options{}) {
		if c.Encode != nil {
			names = append(names, c.Name)
		}
	}
	return names
}

// decoder is what undoes a coding of payloads, nil if they are to be taken as they are.
func (f *flags) decoder(name string) (render.Decoder, error) {
	o, err := f.coding()
	if err != nil || name == "" || name == "none" {
		return nil, err
	}
	if name == "auto" {
		return codec.NewGuess(o), nil
	}
	found, _ := codec.Find(codec.Codings(o), name) // the flag's parser knows the names
	return codec.Fixed{Coding: found}, nil
}

// shownDecoding is how payloads are decoded to be shown. Who reads them pretty wants to know what they say.
func (f *flags) shownDecoding() string {
	if f.decode.value == "" && f.format.value == "pretty" {
		return "auto"
	}
	return f.decode.value
}

// matchDecoding is how payloads are decoded for who waits for one. Who types waits for what is seen; what a script finds
// must not depend on where its output goes.
func (f *flags) matchDecoding(stage *ui) string {
	if stage.interactive() {
		return f.shownDecoding()
	}
	return f.decode.value
}

// encoding packs the lines that are said, nil if nothing does.
func (f *flags) encoding() (*repl.Encoding, error) {
	if f.encode.value == "" {
		return nil, nil
	}
	o, err := f.coding()
	if err != nil {
		return nil, err
	}
	if f.encode.value == "protobuf" && o.Schema == nil {
		return nil, &dial.UsageError{Message: "--encode protobuf: of which message?", Hint: "--proto FILE --message NAME"}
	}
	found, _ := codec.Find(codec.Codings(o), f.encode.value)
	e := &repl.Encoding{Pack: found.Encode, Type: client.Binary}
	if found.IsText {
		e.Type = client.Text
	}
	return e, nil
}

// coding is what codings have to know.
func (f *flags) coding() (o codec.Options, err error) {
	if (f.proto == "") != (f.message == "") {
		return o, &dial.UsageError{Message: "--proto names a file and --message a message in it: give both"}
	}
	if f.proto != "" {
		o.Schema, err = codec.LoadSchema(os.ReadFile, f.proto, f.message)
	}
	o.Most = int64(f.maxMessage)
	return o, err
}

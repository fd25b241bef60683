package codec

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// protoFiles returns the .proto files of these tests.
func protoFiles(name string) ([]byte, error) {
	files := map[string]string{
		"dir/order.proto": `
			syntax = "proto3";
			package shop.v1;
			import "item.proto";
			import "google/protobuf/timestamp.proto";
			message Order {
				enum State { UNKNOWN = 0; PAID = 1; alias = -1; }
				message Note { string text = 1; Order about = 2; }
				int64 id = 1;
				string name = 2;
				State state = 3;
				repeated item.Item items = 4;
				map<string, int32> stock = 5;
				repeated sint32 deltas = 6;
				oneof extra { Note note = 7; bytes blob = 8; }
				google.protobuf.Timestamp placed_at = 9;
				double ratio = 10;
				map<bool, Note> notes = 11;
				repeated string tags = 12;
				fixed32 code = 13; sfixed64 big = 14; float small = 15; bool done = 16; uint64 count = 17;
			}
			message Other { .shop.v1.Order.Note note = 1; }`,
		"dir/item.proto": `syntax = "proto2"; package item; message Item { required string sku = 1; optional group Size = 2 { optional int32 w = 1; } }`,
		"bad.proto":      `message {`,
		"missing.proto":  `import "nowhere.proto";`,
		"unknown.proto":  `message A { B b = 1; }`,
		"empty.proto":    `syntax = "proto3";`,
	}
	if text, ok := files[name]; ok {
		return []byte(text), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("no such file")}
}

func testSchema(t testing.TB) *Schema {
	t.Helper()
	s, err := LoadSchema(protoFiles, "dir/order.proto", "Order")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func encodeWith(s *Schema, text string) ([]byte, error) {
	m, err := newProtobufEncoder(Options{Schema: s})([]byte(text))
	return m.Data, err
}

func decodeWith(s *Schema, payload []byte) (string, error) {
	d, err := NewDecoder("protobuf", Options{Schema: s})
	if err != nil {
		return "", err
	}
	return next(d, Message{Data: payload})
}

func TestSchemaRoundTrip(t *testing.T) {
	s := testSchema(t)
	for _, text := range []string{
		`{}`,
		`{"id":-7,"name":"ü"}`,
		`{"state":"PAID"}`,
		`{"state":"alias"}`,
		`{"state":17}`,
		`{"items":[{"sku":"a"},{"sku":"b","size":{"w":3}}]}`,
		`{"stock":{"a":1,"b":-2}}`,
		`{"deltas":[1,-1,2147483647]}`,
		`{"note":{"text":"x","about":{"id":9223372036854775807}}}`,
		`{"blob":{"base64":"AAEC"}}`,
		`{"placed_at":{"seconds":1,"nanos":2}}`,
		`{"ratio":2.5}`,
		`{"notes":{"false":{"text":"no"},"true":{"text":"yes"}}}`,
		`{"tags":["one"]}`,
		`{"code":4294967295,"big":-9,"small":0.1,"done":true,"count":18446744073709551615}`,
	} {
		payload, err := encodeWith(s, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := decodeWith(s, payload); err != nil || got != text {
			t.Errorf("%s: decoded as %s, %v", text, got, err)
		}
	}
}

func TestAgainstTheLibrary(t *testing.T) {
	data, err := structpb.NewStruct(map[string]any{"a": 1.5, "b": []any{"x", nil, true}})
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		file, name string
		message    proto.Message
		want       string
	}{
		{"struct", "google.protobuf.Value", structpb.NewStringValue("x"), `{"string_value":"x"}`},
		{"struct", "google.protobuf.ListValue", data.Fields["b"].GetListValue(),
			`{"values":[{"string_value":"x"},{"null_value":"NULL_VALUE"},{"bool_value":true}]}`},
		{"timestamp", "google.protobuf.Timestamp", timestamppb.New(time.Unix(5, 6)), `{"seconds":5,"nanos":6}`},
		{"wrappers", "google.protobuf.DoubleValue", wrapperspb.Double(-0.5), `{"value":-0.5}`},
		{"wrappers", "google.protobuf.Int32Value", wrapperspb.Int32(-1), `{"value":-1}`},
		{"wrappers", "google.protobuf.BytesValue", wrapperspb.Bytes([]byte{1}), `{"value":{"base64":"AQ=="}}`},
	}
	for _, c := range cases {
		s, err := LoadSchema(protoFiles, "google/protobuf/"+c.file+".proto", c.name)
		if err != nil {
			t.Fatal(err)
		}
		payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(c.message)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodeWith(s, payload); err != nil || got != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, got, err, c.want)
		}
		packed, err := encodeWith(s, c.want)
		decoded := c.message.ProtoReflect().New().Interface()
		if err == nil {
			err = proto.Unmarshal(packed, decoded)
		}
		if err != nil || !proto.Equal(decoded, c.message) {
			t.Errorf("%s: %x is not the same message, %v", c.want, packed, err)
		}
	}
}

func TestPackedNumbers(t *testing.T) {
	files := map[string]string{
		"2.proto":    `syntax = "proto2"; message A { repeated int32 n = 1; repeated fixed32 p = 2 [packed = true]; }`,
		"3.proto":    `syntax = "proto3"; message A { repeated int32 n = 1; repeated fixed32 p = 2 [packed = false]; repeated string s = 3; }`,
		"2023.proto": `edition = "2023"; message A { repeated int32 n = 1; }`,
	}
	read := func(name string) ([]byte, error) { return []byte(files[name]), nil }
	for _, c := range []struct{ file, text, want string }{
		{"2.proto", `{"n":[1,2]}`, "08 01 08 02"},
		{"2.proto", `{"p":[1,2]}`, "12 08 01000000 02000000"},
		{"3.proto", `{"n":[1,2]}`, "0a 02 01 02"},
		{"3.proto", `{"p":[1,2]}`, "15 01000000 15 02000000"},
		{"3.proto", `{"s":["a","b"]}`, "1a 01 61 1a 01 62"},
		{"3.proto", `{"n":[]}`, ""},
		{"2023.proto", `{"n":[1,300]}`, "0a 03 01 ac02"},
	} {
		s, err := LoadSchema(read, c.file, "A")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := encodeWith(s, c.text); err != nil || !bytes.Equal(got, fromHex(t, c.want)) {
			t.Errorf("%s %s: % x, %v; want %s", c.file, c.text, got, err, c.want)
		}
	}
}

func TestPackedAndUnknownFields(t *testing.T) {
	s := testSchema(t)
	for payload, want := range map[string]string{
		"32 03 02 01 04":    `{"deltas":[1,-1,2]}`,
		"30 02 30 01":       `{"deltas":[1,-1]}`,
		"f8 07 05 f8 07 06": `{"127":[5,6]}`,
		"0a 01 78":          `{"1":"x"}`, // not the wire type of the schema
		"2a 00":             `{"stock":{"":null}}`,
	} {
		if got, err := decodeWith(s, fromHex(t, payload)); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", payload, got, err, want)
		}
	}
}

func TestSchemaEncodeErrors(t *testing.T) {
	s := testSchema(t)
	for text, want := range map[string]string{
		`[]`:                         "shop.v1.Order must be an object",
		`{"nmae":"x"}`:               "shop.v1.Order has no field nmae",
		`{"id":"x"}`:                 "id: x is not a value of the type int64",
		`{"id":true}`:                "id: expected a value of the type int64",
		`{"name":1}`:                 "name: expected a string",
		`{"state":"LOST"}`:           `state: there is no value "LOST"`,
		`{"tags":"x"}`:               "tags: expected an array",
		`{"stock":[]}`:               "stock: expected an object",
		`{"blob":"?"}`:               "blob: expected base64",
		`{"code":-1}`:                "code: -1 is not a value of the type fixed32",
		`{"note":{"about":{"x":1}}}`: "note: about: shop.v1.Order has no field x",
	} {
		if _, err := encodeWith(s, text); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestSchemaErrors(t *testing.T) {
	for _, c := range []struct{ file, name, want string }{
		{"nowhere.proto", "", "open nowhere.proto: no such file"},
		{"bad.proto", "", "bad.proto: "},
		{"missing.proto", "", "missing.proto: import open nowhere.proto: no such file"},
		{"unknown.proto", "", "A.b: there is no message or enum B"},
		{"empty.proto", "", "empty.proto: the schema declares no message"},
		{"dir/order.proto", "Nobody", "dir/order.proto: there is no message Nobody: the schema has item.Item, item.Item.Size, shop.v1.Order, shop.v1.Order.Note, shop.v1.Other"},
		{"dir/order.proto", "", "dir/order.proto: choose a message: the schema has "},
	} {
		_, err := LoadSchema(protoFiles, c.file, c.name)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s %s: %v, want %s", c.file, c.name, err, c.want)
		}
	}
}

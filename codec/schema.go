package codec

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/emicklei/proto"
)

// Schema is the protobuf message type of payloads.
type Schema struct{ root *message }

type message struct {
	name     string // includes the package
	byNumber map[int32]*member
	byName   map[string]*member // by its name in the file, and by its JSON name
}

// member is a field of a message.
type member struct {
	name     string
	number   int32
	kind     string // a scalar type, or "enum", "message", "group"
	message  *message
	enum     *enum
	repeated bool
	packed   bool   // the numbers of a repeated field are in one field on the wire
	isMap    bool   // message is the entry
	typeName string // the name in the file, from which resolve finds the type
}

type enum struct {
	names   map[int32]string
	numbers map[string]int32
}

// LoadSchema reads a .proto file and its imports from the same folder, and returns one of its messages, by its name with or without
// the package.
func LoadSchema(read func(name string) ([]byte, error), file, name string) (*Schema, error) {
	l := loader{read: read, dir: path.Dir(file), seen: map[string]bool{}, messages: map[string]*message{}, enums: map[string]*enum{}}
	if err := l.load(file); err != nil {
		return nil, err
	}
	if err := l.resolve(); err != nil {
		return nil, err
	}
	root, err := l.find(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &Schema{root}, nil
}

type loader struct {
	read     func(name string) ([]byte, error)
	dir      string
	seen     map[string]bool
	messages map[string]*message // by name with the package
	enums    map[string]*enum
	packs    bool // the current file packs repeated numbers by default
}

func (l *loader) load(file string) error {
	if l.seen[file] {
		return nil
	}
	l.seen[file] = true
	text, err := l.source(file)
	if err != nil {
		return err
	}
	parsed, err := proto.NewParser(bytes.NewReader(text)).Parse()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	scope, packs := "", false
	for _, element := range parsed.Elements {
		switch e := element.(type) {
		case *proto.Package:
			scope = e.Name
		case *proto.Syntax:
			packs = e.Value == "proto3"
		case *proto.Edition:
			packs = true
		}
	}
	for _, element := range parsed.Elements {
		if i, ok := element.(*proto.Import); ok {
			if err := l.load(i.Filename); err != nil {
				return fmt.Errorf("%s: import %w", file, err)
			}
		}
	}
	l.packs = packs
	l.declare(scope, parsed.Elements, nil)
	return nil
}

// source finds an imported file in the folder of the main file, or by its own path.
func (l *loader) source(file string) ([]byte, error) {
	if text, ok := wellKnown()[file]; ok {
		return []byte(text), nil
	}
	if len(l.seen) > 1 {
		if text, err := l.read(path.Join(l.dir, file)); err == nil {
			return text, nil
		}
	}
	return l.read(file)
}

// declare adds messages, enums and fields; into is the message that contains them.
func (l *loader) declare(scope string, elements []proto.Visitee, into *message) {
	for _, element := range elements {
		switch e := element.(type) {
		case *proto.Message:
			if !e.IsExtend {
				l.declareMessage(join(scope, e.Name), e.Elements)
			}
		case *proto.Enum:
			l.enums[join(scope, e.Name)] = newEnum(e)
		case *proto.NormalField:
			into.add(e.Field, e.Repeated).packed = l.packsField(e.Field)
		case *proto.Oneof:
			l.declare(scope, e.Elements, into)
		case *proto.OneOfField:
			into.add(e.Field, false)
		case *proto.MapField:
			l.declareMap(scope, e, into)
		case *proto.Group:
			l.declareMessage(join(scope, e.Name), e.Elements)
			f := &proto.Field{Name: strings.ToLower(e.Name), Type: e.Name, Sequence: e.Sequence}
			into.add(f, e.Repeated).kind = "group"
		}
	}
}

// packsField reports whether the numbers of a field are packed.
func (l *loader) packsField(f *proto.Field) bool {
	for _, option := range f.Options {
		if option.Name == "packed" {
			return option.Constant.Source == "true"
		}
	}
	return l.packs
}

func (l *loader) declareMessage(name string, elements []proto.Visitee) {
	m := newMessage(name)
	l.messages[name] = m
	l.declare(name, elements, m)
}

// declareMap adds a message type for the entries of a map, as they are messages on the wire.
func (l *loader) declareMap(scope string, f *proto.MapField, into *message) {
	entry := newMessage(join(scope, f.Name+" entry"))
	l.messages[entry.name] = entry
	entry.add(&proto.Field{Name: "key", Type: f.KeyType, Sequence: 1}, false)
	entry.add(&proto.Field{Name: "value", Type: f.Type, Sequence: 2}, false)
	member := into.add(&proto.Field{Name: f.Name, Type: f.Type, Sequence: f.Sequence}, true)
	member.isMap, member.kind, member.message = true, "message", entry
}

func newMessage(name string) *message {
	return &message{name: name, byNumber: map[int32]*member{}, byName: map[string]*member{}}
}

func (m *message) add(f *proto.Field, repeated bool) *member {
	field := &member{name: f.Name, number: int32(f.Sequence), typeName: f.Type, repeated: repeated}
	m.byNumber[field.number] = field
	m.byName[jsonName(f.Name)] = field
	m.byName[f.Name] = field
	return field
}

func newEnum(e *proto.Enum) *enum {
	n := &enum{map[int32]string{}, map[string]int32{}}
	for _, element := range e.Elements {
		if f, ok := element.(*proto.EnumField); ok {
			n.numbers[f.Name] = int32(f.Integer)
			if _, known := n.names[int32(f.Integer)]; !known { // of several aliases, the first is shown
				n.names[int32(f.Integer)] = f.Name
			}
		}
	}
	return n
}

// jsonName turns some_name into someName, as the JSON mapping of protobuf does.
func jsonName(name string) string {
	parts := strings.Split(name, "_")
	for i, part := range parts[1:] {
		if part != "" {
			parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return strings.Join(parts, "")
}

func join(scope, name string) string {
	if scope == "" {
		return name
	}
	return scope + "." + name
}

// resolve finds the type of each field.
func (l *loader) resolve() error {
	for _, m := range l.messages {
		for _, f := range m.byNumber {
			if err := l.resolveField(m, f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *loader) resolveField(m *message, f *member) error {
	if f.isMap {
		return nil
	}
	if isScalar(f.typeName) {
		f.kind = f.typeName
		return nil
	}
	for scope := m.name; ; scope = scope[:max(0, strings.LastIndexByte(scope, '.'))] {
		name := join(scope, f.typeName)
		if absolute, ok := strings.CutPrefix(f.typeName, "."); ok {
			name = absolute
		}
		if inner, ok := l.messages[name]; ok {
			f.message = inner
			f.kind = cmp.Or(f.kind, "message")
			return nil
		}
		if e, ok := l.enums[name]; ok {
			f.enum, f.kind = e, "enum"
			return nil
		}
		if scope == "" {
			return fmt.Errorf("%s.%s: there is no message or enum %s", m.name, f.name, f.typeName)
		}
	}
}

func isScalar(name string) bool {
	return slices.Contains([]string{
		"int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64",
		"float", "double", "bool", "string", "bytes",
	}, name)
}

// find returns the message with a name; "" = the only one.
func (l *loader) find(name string) (*message, error) {
	var names []string
	var found []*message
	for full, m := range l.messages {
		if strings.Contains(full, " ") || strings.HasPrefix(full, "google.protobuf.") && !strings.HasPrefix(name, "google.") {
			continue // entries of maps, and the built-in imports
		}
		names = append(names, full)
		if full == name || strings.HasSuffix(full, "."+name) || name == "" {
			found = append(found, m)
		}
		if full == name {
			return m, nil
		}
	}
	slices.Sort(names)
	switch {
	case len(names) == 0:
		return nil, errors.New("the schema declares no message")
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0:
		return nil, fmt.Errorf("there is no message %s: the schema has %s", name, strings.Join(names, ", "))
	}
	return nil, fmt.Errorf("choose a message: the schema has %s", strings.Join(names, ", "))
}

// wellKnown returns the files that are part of every protobuf compiler, with the declarations that payloads need.
func wellKnown() map[string]string {
	const head = "syntax = \"proto3\"; package google.protobuf;\n"
	return map[string]string{
		"google/protobuf/timestamp.proto":  head + "message Timestamp { int64 seconds = 1; int32 nanos = 2; }",
		"google/protobuf/duration.proto":   head + "message Duration { int64 seconds = 1; int32 nanos = 2; }",
		"google/protobuf/empty.proto":      head + "message Empty {}",
		"google/protobuf/any.proto":        head + "message Any { string type_url = 1; bytes value = 2; }",
		"google/protobuf/field_mask.proto": head + "message FieldMask { repeated string paths = 1; }",
		"google/protobuf/descriptor.proto": head,
		"google/protobuf/wrappers.proto": head + `
			message DoubleValue { double value = 1; }
			message FloatValue { float value = 1; }
			message Int64Value { int64 value = 1; }
			message UInt64Value { uint64 value = 1; }
			message Int32Value { int32 value = 1; }
			message UInt32Value { uint32 value = 1; }
			message BoolValue { bool value = 1; }
			message StringValue { string value = 1; }
			message BytesValue { bytes value = 1; }`,
		"google/protobuf/struct.proto": head + `
			message Struct { map<string, Value> fields = 1; }
			message ListValue { repeated Value values = 1; }
			enum NullValue { NULL_VALUE = 0; }
			message Value { oneof kind {
				NullValue null_value = 1; double number_value = 2; string string_value = 3;
				bool bool_value = 4; Struct struct_value = 5; ListValue list_value = 6;
			} }`,
	}
}

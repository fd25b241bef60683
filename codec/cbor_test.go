package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// oneCBOR decodes a single item.
func oneCBOR(payload []byte) (string, error) {
	w := newWriter(Options{})
	err := w.write(len(payload), func() error { return decodeOneCBOR(&w, payload) })
	return string(w.text), err
}

// TestCBOR decodes examples of RFC 8949, appendix A, and edge cases.
func TestCBOR(t *testing.T) {
	for payload, want := range map[string]string{
		"00": `0`, "17": `23`, "1818": `24`, "1903e8": `1000`, "1a000f4240": `1000000`, "1b000000e8d4a51000": `1000000000000`,
		"20": `-1`, "3863": `-100`, "3bffffffffffffffff": `-18446744073709551616`,
		"c249010000000000000000": `18446744073709551616`,
		"f90000":                 `0`, "f98000": `-0`, "f93c00": `1`, "f97bff": `65504`, "f90001": `5.9604645e-08`, "f90400": `6.1035156e-05`, "f9c400": `-4`,
		"f97e00": `"NaN"`, "f9fc00": `"-Inf"`, "fa47c35000": `100000`, "fa3dcccccd": `0.1`, "fb3ff199999999999a": `1.1`, "fb7e37e43c8800759c": `1e+300`,
		"f4": `false`, "f5": `true`, "f7": `null`, "f0": `"simple(16)"`, "f8ff": `"simple(255)"`,
		"c074323031332d30332d32315432303a30343a30305a": `"2013-03-21T20:04:00Z"`,
		"c1fb41d452d9ec200000":                         `"2013-03-21T20:04:00.5Z"`,
		"c063616263":                                   `{"tag":0,"value":"abc"}`,
		"c1 1b 7fffffffffffffff":                       `{"tag":1,"value":9223372036854775807}`,
		"c1 3b 0000000fffffffff":                       `{"tag":1,"value":-68719476736}`, // before the year 0
		"c1 f6":                                        `{"tag":1,"value":null}`,
		"c2 63 616263":                                 `{"tag":2,"value":"abc"}`,
		"d74401020304":                                 `{"tag":23,"value":{"base64":"AQIDBA=="}}`,
		"64 49455446":                                  `"IETF"`, "6161 ": `"a"`, "60": `""`, "40": `{"base64":""}`,
		"5f 42 0102 43 030405 ff": `{"base64":"AQIDBAU="}`, "7f 65 7374726561 64 6d696e67 ff": `"streaming"`, "5fff": `{"base64":""}`,
		"9fff": `[]`, "9f 01 82 02 03 9f 04 05 ff ff": `[1,[2,3],[4,5]]`, "83 01 82 02 03 9f 04 05 ff": `[1,[2,3],[4,5]]`, "bfff": `{}`, "a0": `{}`, "80": `[]`,
		"bf 63 46756e f5 63 416d74 21 ff": `{"Fun":true,"Amt":-2}`,
		"a1 82 01 02 f6":                  `{"[1,2]":null}`,
		"a1 a1 a1 6161 01 02 03":          `{"{{'a':1}:2}":3}`,
		"a1 82 6122 41ff 03":              `{"['\"',{'base64':'/w=='}]":3}`,
		"a1 c6 f6 fb7ff8000000000000":     `{"{'tag':6,'value':null}":"NaN"}`,
	} {
		if got, err := oneCBOR(fromHex(t, payload)); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", payload, got, err, want)
		}
	}
}

// TestInvalidCBOR decodes examples of RFC 8949, appendix F.
func TestInvalidCBOR(t *testing.T) {
	for _, payload := range []string{
		"18", "19", "1a0102", "1b01020304050607", "38", "58", "9a01ff00", "b8", "d8", "f8", "f900", "fa0000", "fb000000",
		"41", "61", "5affffffff00", "7bffffffffffffffff010203", "81", "8181818181", "8200", "a1", "a20102", "a100", "a2000000", "c0",
		"5f4100", "7f6100", "9f", "9f0102", "bf", "bf01020102", "819f", "9f8000", "9f9f9f9fffffff", "9f819f819f9f9fffffff",
		"1c", "1d", "1e", "3c", "5d", "7e", "9c", "bd", "de", "fc", "fd", "fe", "f800", "f801", "f818", "f81f",
		"5f00ff", "5f21ff", "5f6100ff", "5f80ff", "5fc000ff", "5fe0ff", "7f4100ff", "5f5f4100ffff", "7f7f6100ffff",
		"ff", "81ff", "8200ff", "a1ff", "a1ff00", "a100ff", "a20000ff", "9f81ff", "9f829f819f9fffffffff", "bf00ff", "bf000000ff", "1f", "3f", "df", "c1ff",
		"7f61ffff", "0000",
	} {
		if got, err := oneCBOR(fromHex(t, payload)); err == nil {
			t.Errorf("%s: decoded as %s", payload, got)
		}
	}
	for what, err := range map[string]error{strings.Repeat("81", maxDepth) + "00": nil, strings.Repeat("81", maxDepth+1) + "00": errTooDeep, strings.Repeat("c6", maxDepth+1) + "00": errTooDeep} {
		if _, got := oneCBOR(fromHex(t, what)); got != err {
			t.Errorf("%.10s…: %v, want %v", what, got, err)
		}
	}
}

// TestHalfFloat converts all numbers of 16 bits as a library does.
func TestHalfFloat(t *testing.T) {
	for bits := range 1 << 16 {
		var want float64
		if err := cbor.Unmarshal([]byte{0xf9, byte(bits >> 8), byte(bits)}, &want); err != nil {
			t.Fatal(err)
		}
		got := halfFloat(uint64(bits))
		if math.IsNaN(got) != math.IsNaN(want) || !math.IsNaN(got) && math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%#x: %v, the library: %v", bits, got, want)
		}
	}
}

// FuzzCBOR: the decoder accepts exactly what a library accepts as well-formed.
func FuzzCBOR(f *testing.F) {
	for _, seed := range []string{"a26161016162820203", "5f42010243030405ff", "bf6346756ef563416d7421ff", "c249010000000000000000", "f97e00", "d9d9f700", "7f61ff"} {
		f.Add(fromHex(f, seed))
	}
	reader, err := cbor.DecOptions{MaxNestedLevels: 4 * maxDepth, MaxArrayElements: math.MaxInt32, MaxMapPairs: math.MaxInt32}.DecMode()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		text, err := oneCBOR(payload)
		libraryErr := reader.Wellformed(payload)
		if errors.Is(err, errTooDeep) || errors.Is(err, errNotUTF8) {
			return // these limits are not part of well-formedness
		}
		if (err == nil) != (libraryErr == nil) {
			t.Fatalf("%x: %v, the library: %v", payload, err, libraryErr)
		}
		if err == nil && !json.Valid([]byte(text)) {
			t.Fatalf("%x: decoded as %q", payload, text)
		}
	})
}

// TestEncodeCBOR encodes examples of RFC 8949, appendix A, in the deterministic encoding.
func TestEncodeCBOR(t *testing.T) {
	for text, want := range map[string]string{
		`0`: "00", `24`: "1818", `1000000`: "1a000f4240", `18446744073709551615`: "1bffffffffffffffff", `18446744073709551616`: "c249010000000000000000",
		`-1`: "20", `-18446744073709551616`: "3bffffffffffffffff", `-18446744073709551617`: "c349010000000000000000",
		`0.0`: "f90000", `-0.0`: "f98000", `1.5`: "f93e00", `65504.0`: "f97bff", `5.960464477539063e-8`: "f90001", `100000.0`: "fa47c35000", `1.1`: "fb3ff199999999999a",
		`1e300`: "fb7e37e43c8800759c", `null`: "f6", `true`: "f5", `false`: "f4", `""`: "60", `"ü"`: "62c3bc", `{"base64":"AQI="}`: "420102",
		`[]`: "80", `[1,[2,3]]`: "8201820203", `{}`: "a0", `{"bb":1,"a":[2]}`: "a261618102 62626201",
	} {
		if got, err := encodeCBOR([]byte(text)); err != nil || !bytes.Equal(got, fromHex(t, want)) {
			t.Errorf("%s: %x, %v; want %s", text, got, err, want)
		}
	}
}

// FuzzEncodeCBOR: what was encoded is decoded to JSON that means the same.
func FuzzEncodeCBOR(f *testing.F) {
	f.Add([]byte(`{"bb":[1,-2,2.5,0.1,1e300,true,null],"a":{"c":"ü"},"d":{"base64":"AAEC"},"e":-18446744073709551617}`))
	again := func(text []byte) (string, error) {
		payload, err := encodeCBOR(text)
		if err == nil && len(payload) > maxDecimal {
			err = errors.New("an integer may be decoded to a string")
		}
		if err != nil {
			return "", err
		}
		return oneCBOR(payload)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		once, err := again(text)
		if err != nil || strings.Contains(once, "-0") { // JSON has one zero
			return
		}
		if twice, err := again([]byte(once)); err != nil || twice != once {
			t.Fatalf("%s: decoded as %s, and then as %s, %v", text, once, twice, err)
		}
	})
}

module wsx

go 1.26.0

require (
	github.com/HdrHistogram/hdrhistogram-go v1.4.0 // wsx bench: latencies by percentile, to be merged exactly
	github.com/andybalholm/brotli v1.2.8 // messages that are compressed with Brotli, shown
	github.com/aws/aws-sdk-go-v2 v1.48.0 // signatures for services of AWS: aws/signer/v4 alone
	github.com/coder/websocket v1.8.15 // opening handshakes: performed in client, accepted there and in server
	github.com/creack/pty v1.1.24 // tests at a terminal, and the picture of one
	github.com/emicklei/proto v1.14.3 // reads .proto files
	github.com/fatih/color v1.19.0 // colours
	github.com/fxamacker/cbor/v2 v2.9.6 // CBOR, encoded; tests: what other code accepts
	github.com/gobwas/ws v1.5.0 // tests: a peer that frames by other code
	github.com/hinshun/vt10x v0.0.0-20220301184237-5011da428d02 // a terminal that shows what a person sees, for tests and the picture
	github.com/itchyny/gojq v0.12.20 // --jq
	github.com/klauspost/compress v1.20.3 // deflate with any window (RFC 7692), which compress/flate cannot
	github.com/muesli/cancelreader v0.2.2 // a read of the keyboard that can be ended
	github.com/pelletier/go-toml/v2 v2.4.3 // contexts, with the line of a mistake
	github.com/quic-go/qpack v0.6.0 // header blocks of HTTP/3, as wsx check writes them
	github.com/quic-go/quic-go v0.65.0 // HTTP/3 (RFC 9220)
	github.com/rivo/uniseg v0.4.7 // how wide characters are on a screen
	github.com/rogpeppe/go-internal v1.16.0 // tests: scripts of the whole program
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // tests: events obey their schema
	github.com/spf13/cobra v1.10.2 // subcommands, completion, suggestions
	github.com/spf13/pflag v1.0.10 // flags after the URL, with cobra
	github.com/tinylib/msgp v1.6.5 // MessagePack
	github.com/youmark/pkcs8 v0.0.0-20240726163527-a2c0da244d78 // encrypted private keys (PKCS#8)
	go.uber.org/goleak v1.3.0 // tests: no goroutine is left
	golang.org/x/net v0.62.0 // HTTP/2 frames and header compression, SOCKS5, IDNA, header grammar
	golang.org/x/sys v0.49.0 // terminals and file locks of each system
	golang.org/x/term v0.47.0 // raw mode, sizes, passwords
	google.golang.org/protobuf v1.36.12 // the wire format of Protocol Buffers; tests: messages by other code
	software.sslmate.com/src/go-pkcs12 v0.7.4 // client certificates in PKCS#12
)

require (
	github.com/aws/smithy-go v1.28.9 // indirect
	github.com/gobwas/httphead v0.1.0 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/itchyny/timefmt-go v0.1.9 // indirect
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/philhofer/fwd v1.2.0 // indirect
	github.com/x448/float16 v0.8.4 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
)

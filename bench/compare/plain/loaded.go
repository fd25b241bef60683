//go:build loaded

package main

import (
	"runtime"

	"github.com/spf13/cobra"

	"wsx/check"
	"wsx/check/catalog"
	"wsx/check/report"
	"wsx/client"
	"wsx/client/accept"
	"wsx/codec"
	"wsx/config"
	"wsx/daemon"
	"wsx/dialect"
	"wsx/load"
	"wsx/recording"
	"wsx/repl"
	"wsx/repl/input"
	"wsx/repl/script"
	"wsx/server"
	"wsx/sigv4"
	"wsx/terminal"
)

// With the tag loaded, the program links all packages of wsx without using them. It starts as fast as a program with the features of wsx
// can start.
var _ = keepAlive(
	(*cobra.Command).Execute, client.Dial, accept.Listen, repl.New, (*repl.REPL).Run, repl.NewOutput, recording.Forms,
	input.Kinds, script.Parse, script.NewRun, terminal.Open, server.Listen, (*server.Server).Shutdown, codec.NewDecoder,
	check.Run, catalog.All, report.HTML, load.Run, dialect.Parse, daemon.NewServer, (*sigv4.Signer).Sign, config.Keys,
)

func keepAlive(what ...any) bool {
	runtime.KeepAlive(what)
	return true
}

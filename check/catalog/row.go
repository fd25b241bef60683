package catalog

import (
	"slices"
	"strings"

	"wsx/check"
	"wsx/check/probe"
	"wsx/client/wire"
)

// row is a check about frames.
type row struct {
	name     string
	severity check.Severity
	clause   string
	title    string
	script   script
}

// script makes a Script for a message that the server accepts.
type script func(message string) check.Script

// frames returns the checks of a group from rows.
func frames(group string, rows ...row) []check.Check {
	checks := make([]check.Check, len(rows))
	for i, r := range rows {
		sample := r.script("...")
		checks[i] = check.Check{
			ID: group + "/" + r.name, Severity: r.severity, Clause: r.clause, Title: r.title,
			Sent: describe(sample), Expected: sample.Want.String(), Run: check.Frames(r.script),
		}
	}
	return checks
}

// staysOpen returns a script after which the connection stays open. The expected messages and pongs follow from the frames.
func staysOpen(steps ...probe.Frame) script {
	return staysOpenWith(func(string) []probe.Frame { return steps })
}

// staysOpenWith is staysOpen for frames that carry the message of the script.
func staysOpenWith(steps func(message string) []probe.Frame) script {
	return func(message string) check.Script {
		sent := steps(message)
		return check.Script{Steps: sent, Want: check.Want{Kind: check.StaysOpen, Messages: messagesOf(sent), Pongs: lastPing(sent), NoPongs: onlyPongs(sent)}}
	}
}

// sends returns a script that sends these frames, whatever message the server accepts.
func sends(want check.Want, steps ...probe.Frame) script {
	return func(string) check.Script { return check.Script{Steps: steps, Want: want} }
}

// with returns a script with changes.
func with(s script, change func(*check.Script)) script {
	return func(message string) check.Script {
		changed := s(message)
		change(&changed)
		return changed
	}
}

// fails returns a script after which the server fails the connection with a code.
func fails(code int, steps ...probe.Frame) script {
	return sends(check.Want{Kind: check.Fails, Codes: []int{code}}, steps...)
}

// failsAfter is fails after a valid message.
func failsAfter(code int, steps ...probe.Frame) script {
	return func(message string) check.Script {
		return check.Script{Steps: append([]probe.Frame{probe.Text(message)}, steps...), Want: check.Want{Kind: check.Fails, Codes: []int{code}}}
	}
}

// closes returns a script that ends with a Close, which the server answers with one of the codes; without codes, with any.
func closes(codes []int, steps ...probe.Frame) script {
	return sends(check.Want{Kind: check.Closes, Codes: codes}, steps...)
}

// messagesOf returns the messages of valid frames.
func messagesOf(frames []probe.Frame) []check.Message {
	var messages []check.Message
	var opcode wire.Opcode
	var payload strings.Builder
	for _, f := range frames {
		switch f.Opcode {
		case wire.Text, wire.Binary:
			opcode = f.Opcode
		case wire.Continuation:
		default:
			continue
		}
		payload.Write(f.Payload)
		if !f.NotFinal {
			messages = append(messages, check.Message{Opcode: opcode, Payload: payload.String()})
			payload = strings.Builder{}
		}
	}
	return messages
}

// lastPing returns the payload of the last ping: a server may answer only that one (RFC 6455, section 5.5.3).
func lastPing(frames []probe.Frame) []string {
	for _, f := range slices.Backward(frames) {
		if f.Opcode == wire.Ping {
			return []string{string(f.Payload)}
		}
	}
	return nil
}

// onlyPongs returns the payloads of pongs that are not payloads of pings.
func onlyPongs(frames []probe.Frame) []string {
	var pings, pongs []string
	for _, f := range frames {
		switch f.Opcode {
		case wire.Ping:
			pings = append(pings, string(f.Payload))
		case wire.Pong:
			pongs = append(pongs, string(f.Payload))
		}
	}
	return slices.DeleteFunc(pongs, func(p string) bool { return slices.Contains(pings, p) })
}

// payloads splits a message into the payloads of n fragments of about the same length.
func payloads(message string, n int) []string {
	split := make([]string, n)
	for i := range n {
		split[i] = message[len(message)*i/n : len(message)*(i+1)/n]
	}
	return split
}

// fragments returns the frames of a message in n fragments.
func fragments(opcode wire.Opcode, message string, n int) []probe.Frame {
	return fragmented(opcode, payloads(message, n)...)
}

// fragmented returns the frames of a message whose fragments have these payloads.
func fragmented(opcode wire.Opcode, payloads ...string) []probe.Frame {
	frames := make([]probe.Frame, len(payloads))
	for i, payload := range payloads {
		frames[i] = probe.Frame{Opcode: wire.Continuation, Payload: []byte(payload), NotFinal: i < len(payloads)-1}
	}
	frames[0].Opcode = opcode
	return frames
}

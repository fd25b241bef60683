// Package client is the session: it opens, sends, tells what happens, and opens again.
package client

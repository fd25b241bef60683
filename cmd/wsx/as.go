package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"wsx/client"
	"wsx/client/dial"
	"wsx/cmd/wsx/value"
	"wsx/dialect"
	"wsx/jq"
	"wsx/repl"
)

// maxRequests bounds the HTTP requests that a dialect makes before it connects.
const maxRequests = 4

func (f *flags) dialectFlags(set *pflag.FlagSet) {
	set.StringVar(&f.as, "as", "", "speak the application protocol `NAME`, from wsx dialect list, or the one that a file describes. VERB ARG... after the URL runs one verb and prints its reply")
	set.Var(&f.opts, "opt", "set the option `NAME=VALUE` of the protocol; NAME=@file reads the value from a file; repeatable")
	set.BoolVar(&f.rawFrames, "raw", false, "with --as, show messages as they are on the wire")
}

// startDialect creates the dialect of --as, if that is given, and adapts the defaults of other flags.
func (f *flags) startDialect(s environment) (err error) {
	if f.attached != nil {
		f.dialect, err = f.attached.dialect(f, s)
	} else {
		ctx, cancel := f.withTimeout(context.Background())
		defer cancel()
		f.dialect, err = awaitFiles(ctx, func() (*repl.Dialect, error) { return f.newDialect(s) })
	}
	if err != nil || f.dialect == nil || f.wait.Given {
		return err
	}
	switch {
	case len(f.verb) > 0:
		f.wait = value.GivenDuration{Given: true} // the session ends after its reply
	case f.background == nil && f.attached == nil && f.dialect.TakesInput():
		f.wait = value.GivenDuration{Duration: -1, Given: true} // the remote program decides when it ends
		if !f.wantsPrompt(s) && f.input.Value == "lines" {
			f.input.Value, f.binary = "chunks", true
		}
	}
	return nil
}

// newDialect loads the dialect of --as and creates its state; nil = there is no --as.
func (f *flags) newDialect(s environment) (*repl.Dialect, error) {
	switch {
	case f.as == "" && len(f.opts) > 0:
		return nil, &dial.UsageError{Message: "--opt needs --as", Hint: "--as NAME chooses an application protocol; wsx dialect list lists them"}
	case f.as == "" && f.rawFrames:
		return nil, &dial.UsageError{Message: "--raw needs --as", Hint: "--as NAME chooses an application protocol; wsx dialect list lists them"}
	case f.as == "":
		return nil, nil
	case f.listen != "":
		return nil, &dial.UsageError{Message: "--as works for clients only: it cannot be used with --listen"}
	case len(f.verb) > 0 && len(f.execute) > 0:
		return nil, &dial.UsageError{Message: "use either a verb or --execute, not both: " + f.verb[0], Hint: "--execute sends a message as it is, without a verb"}
	}
	options, err := f.dialectOptions()
	if err != nil {
		return nil, err
	}
	d, err := openDialect(s, f.as, options)
	if err != nil {
		return nil, err
	}
	d.Everything = f.wait.Given
	d.Timeout = time.Duration(f.expectTimeout)
	if d.Verb = f.verb; len(f.verb) > 0 {
		err = d.State.Dialect().Check(f.verb[0], dialect.PlainWords(f.verb[1:]...))
	}
	return d, err
}

// dialectOptions returns the values of --opt by name.
func (f *flags) dialectOptions() (map[string]string, error) {
	options := map[string]string{}
	for _, opt := range f.opts {
		name, value, found := strings.Cut(opt, "=")
		if !found {
			return nil, &dial.UsageError{Message: fmt.Sprintf("--opt %.40q: expected NAME=VALUE", opt)}
		}
		value, err := valueOrFile(value)
		if err != nil {
			return nil, err
		}
		options[name] = value
	}
	return options, nil
}

// openDialect loads a dialect and creates its state.
func openDialect(s environment, name string, options map[string]string) (*repl.Dialect, error) {
	found, err := loadDialect(s.getenv, name)
	if err != nil {
		return nil, err
	}
	state, err := found.Start(options)
	if err != nil {
		return nil, err
	}
	return &repl.Dialect{State: state, Read: os.ReadFile}, nil
}

// connectAs sets the URL, headers and subprotocols with which a client of the protocol connects. What the command line gives
// takes precedence.
func (f *flags) connectAs(ctx context.Context, d *repl.Dialect, config *repl.Config) error {
	target, err := dial.ParseURL(config.URL)
	if err != nil {
		return err
	}
	given := target.Path
	path, query, _ := strings.Cut(given, "?")
	if path == "/" {
		path = ""
	}
	asked, answer := "", any(nil)
	for range maxRequests {
		c, err := d.State.Connect(path, query, asked, answer)
		if err != nil {
			return err
		}
		if c.Request == nil {
			target.Path = c.Target(given)
			config.URL = withUser(target)
			addDialect(&config.Options, c)
			return nil
		}
		asked = c.Request.Path
		body, err := ask(ctx, config, c)
		if err != nil {
			return err
		}
		if answer, err = jq.Parse(string(body)); err != nil {
			return &dial.UsageError{Message: fmt.Sprintf("%s %s: the response is not JSON: is this a %s server?", c.Request.Method, asked, d.State.Dialect().Title())}
		}
	}
	return errors.New("the dialect makes too many HTTP requests before it connects")
}

// ask makes the HTTP request that a dialect needs before it connects.
func ask(ctx context.Context, config *repl.Config, c dialect.Connect) ([]byte, error) {
	options := config.Options
	addDialect(&options, c)
	dialer, err := dial.New(ctx, config.URL, options.Options)
	if err != nil {
		return nil, err
	}
	return dialer.Ask(ctx, c.Request.Method, c.Request.Target())
}

// dialectConnector opens many connections in the same dialect.
type dialectConnector struct {
	flags   *flags
	dialect *dialect.Dialect
	options map[string]string
}

// connect returns the URL and the options of another connection, and a dialect state for it.
func (d *dialectConnector) connect(ctx context.Context, url string, o dial.Options) (string, dial.Options, *dialect.State, error) {
	state, err := d.dialect.Start(d.options)
	if err != nil {
		return "", o, nil, err
	}
	config := repl.Config{URL: url, Options: client.Options{Options: o}}
	err = d.flags.connectAs(ctx, &repl.Dialect{State: state}, &config)
	return config.URL, config.Options.Options, state, err
}

// withUser returns a URL with its user info.
func withUser(t dial.Target) string {
	url := t.String()
	if t.User != nil {
		url = strings.Replace(url, "://", "://"+t.User.String()+"@", 1)
	}
	return url
}

// addDialect adds the headers and subprotocols of the dialect to those of the command line.
func addDialect(o *client.Options, c dialect.Connect) {
	if len(o.Subprotocols) == 0 {
		o.Subprotocols = c.Subprotocols
	}
	for name, value := range c.Header {
		if !slices.ContainsFunc(o.Header, func(line dial.HeaderLine) bool { return strings.EqualFold(line.Name, name) }) {
			o.Header = append(o.Header, dial.HeaderLine{Name: name, Value: value})
		}
	}
}

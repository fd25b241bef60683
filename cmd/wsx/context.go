package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"wsx/client/dial"
	"wsx/config"
)

const configLong = `A context is a connection with a name. wsx @prod connects with the settings of the table prod in
$XDG_CONFIG_HOME/wsx/config (~/.config/wsx/config), or in the nearest .wsx file, in the working directory or one of its
parents. Both files are TOML:

  [prod]
  url = "wss://api.example.com/graphql"
  headers = ["X-Tenant: blue"]
  bearer = "cmd:pass show example/token"
  as = "graphql-ws"

Flags override a context. Paths are relative to the directory of the file, and commands run in that directory.

Someone else may have written a .wsx file, so wsx uses nothing in it until you run wsx config trust. After a change, the file
must be trusted again. wsx reads it only when you give @NAME.`

const configExample = `  wsx @prod
  wsx config show prod
  wsx config trust`

// configCommand returns the command wsx config. It does not connect.
func configCommand(s environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "config show [NAME]|trust [FILE]",
		Short:   "show contexts (named connections), and trust a .wsx file",
		Long:    configLong + contextKeys(),
		Example: configExample,
		Args:    cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			return &dial.UsageError{Message: "wsx config needs show or trust", Hint: "wsx config show; wsx config show NAME; wsx config trust"}
		},
	}
	secrets := false
	show := &cobra.Command{
		Use: "show [NAME]", Short: "show a context and the file it is in, or list all contexts", Args: maxArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return completeContext(os.Getenv, ""), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listContexts(s)
			}
			return showContext(s, strings.TrimPrefix(args[0], "@"), secrets)
		},
	}
	show.Flags().BoolVar(&secrets, "show-secrets", false, "do not redact credentials")
	cmd.AddCommand(show, &cobra.Command{
		Use: "trust [FILE]", Short: "trust the nearest .wsx file, or FILE, with its present content", Args: maxArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return trustFile(s, args) },
	})
	return cmd
}

// contextKeys returns the table of the keys of a context, for help.
func contextKeys() string {
	return "\n\nThe keys of a context:\n\n" + strings.Join(namesOf(config.Keys(), func(key [2]string) string { return fmt.Sprintf("  %-12s %s", key[0], key[1]) }), "\n")
}

// contextPlaces returns where contexts are searched for.
func contextPlaces(env func(string) string) (config.Places, error) {
	dir, err := os.Getwd()
	if err != nil {
		return config.Places{}, err
	}
	places := config.Places{Dir: dir, Trust: config.Trust(statePath(env, "trusted"))}
	if folder := configFolder(env); folder != "" {
		places.User = filepath.Join(folder, "config")
	}
	return places, nil
}

// contextName returns the name of the context that is given instead of a URL, and reports whether one is.
func contextName(args []string) (string, bool) {
	if len(args) == 0 {
		return "", false
	}
	return strings.CutPrefix(args[0], "@")
}

// useContext uses a context for everything that the flags do not set, and returns its URL.
func (f *flags) useContext(s environment, name string) (string, error) {
	identified := f.user+f.auth+f.bearer != "" || f.awsSigV4.Given
	c, p, err := readContext(s, name, !identified)
	if err != nil {
		return "", err
	}
	setDefault(&f.as, c.As)
	f.use(p)
	return c.URL, nil
}

// openContext returns the URL and options of /open @NAME. A context with another application protocol is an error.
func openContext(s environment, name string) (url string, o dial.Options, err error) {
	c, p, err := readContext(s, name, true)
	if err != nil {
		return "", o, err
	}
	if c.As != "" {
		return "", o, &dial.UsageError{Message: fmt.Sprintf("context @%s uses --as %s, and /open cannot change the protocol", name, c.As), Hint: "wsx @" + name}
	}
	return c.URL, p.options, nil
}

// readContext returns a context and its dial options, with its token if withToken is set.
func readContext(s environment, name string, withToken bool) (*config.Context, *preset, error) {
	places, err := contextPlaces(s.getenv)
	if err != nil {
		return nil, nil, err
	}
	c, err := places.Find(name)
	if err != nil {
		return nil, nil, err
	}
	if c.URL == "" {
		return nil, nil, &config.FileError{File: c.File, Reason: fmt.Sprintf("[%s] has no url", name)}
	}
	p := &preset{}
	p.options.Subprotocols, p.options.Proxy = c.Subprotocols, c.Proxy
	p.options.CAFiles, p.options.CertFile, p.options.KeyFile = c.CA, c.Cert, c.Key
	for _, text := range c.Headers {
		line, err := dial.ParseHeader(text)
		if err != nil {
			return nil, nil, &config.FileError{File: c.File, Reason: fmt.Sprintf("[%s] headers: %v", name, err)}
		}
		p.options.Header = append(p.options.Header, line)
	}
	if withToken {
		p.options.Bearer, err = contextToken(s, c)
	}
	return c, p, err
}

// contextToken returns the bearer token of a context, which may be read from a file or printed by a command.
func contextToken(s environment, c *config.Context) (string, error) {
	command, runs := c.Command()
	if !runs {
		return valueOrFile(c.Bearer)
	}
	shell := exec.Command("sh", "-c", command)
	if runtime.GOOS == "windows" {
		shell = exec.Command("cmd", "/c", command)
	}
	shell.Dir, shell.Stderr = filepath.Dir(c.File), s.stderr
	out, err := shell.Output()
	if err != nil {
		return "", fmt.Errorf("the command for the bearer token of @%s: %w", c.Name, err)
	}
	token := strings.TrimRight(string(out), "\r\n")
	if token == "" {
		return "", fmt.Errorf("the command for the bearer token of @%s printed nothing", c.Name)
	}
	return token, nil
}

// completeContext completes the names of contexts in trusted files, each after a prefix.
func completeContext(env func(string) string, prefix string) (names []string) {
	places, err := contextPlaces(env)
	if err != nil {
		return nil
	}
	files, _ := places.Files() // there need not be any
	known := map[string]bool{}
	for _, file := range files {
		for _, c := range file.Contexts {
			if file.Trusted && !known[c.Name] {
				known[c.Name] = true
				names = append(names, cobra.CompletionWithDesc(prefix+c.Name, printable(dial.RedactURL(c.URL))))
			}
		}
	}
	return names
}

// listContexts lists all contexts by file, and marks files that are not trusted.
func listContexts(s environment) error {
	places, err := contextPlaces(s.getenv)
	if err != nil {
		return err
	}
	files, err := places.Files()
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, file := range files {
		if file.Err != nil && file.Trusted {
			return file.Err
		}
		fmt.Fprintf(&text, "# %s%s\n", printable(file.Path), map[bool]string{false: " is not trusted: read it, then run wsx config trust"}[file.Trusted])
		for _, c := range file.Contexts {
			fmt.Fprintf(&text, "@%-15s %s\n", c.Name, printable(dial.RedactURL(c.URL)))
		}
	}
	_, err = s.stdout.WriteString(text.String())
	return err
}

// showContext prints a context in the syntax of its file.
func showContext(s environment, name string, secrets bool) error {
	places, err := contextPlaces(s.getenv)
	if err != nil {
		return err
	}
	c, err := places.Find(name)
	if err != nil {
		return err
	}
	_, err = s.stdout.WriteString(describeContext(c, secrets))
	return err
}

func describeContext(c *config.Context, secrets bool) string {
	hide := func(secret func(string) string, text string) string {
		if secrets {
			return text
		}
		return secret(text)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "# %s\n[%s]\n", printable(c.File), c.Name)
	row := func(key string, values ...string) {
		for i, value := range values {
			values[i] = `"` + printable(value) + `"`
		}
		switch {
		case len(values) == 1 && values[0] != `""`:
			fmt.Fprintf(&text, "%s = %s\n", key, values[0])
		case len(values) > 1:
			fmt.Fprintf(&text, "%s = [%s]\n", key, strings.Join(values, ", "))
		}
	}
	row("url", hide(dial.RedactURL, c.URL))
	var headers []string
	for _, line := range c.Headers {
		headers = append(headers, hide(redactHeaderLine, line))
	}
	row("headers", headers...)
	row("bearer", hide(redactToken, c.Bearer))
	subprotocols := hide(func(names string) string { return dial.RedactHeader("Sec-WebSocket-Protocol", names) }, strings.Join(c.Subprotocols, ","))
	row("subprotocol", strings.Split(subprotocols, ",")...)
	row("as", c.As)
	row("proxy", hide(dial.RedactURL, c.Proxy))
	row("ca", c.CA...)
	row("cert", c.Cert)
	row("key", c.Key)
	return text.String()
}

// redactHeaderLine returns "Name: value" without the secrets in the value.
func redactHeaderLine(line string) string { return dial.Redact([]string{line})[0] }

// redactToken hides a token, but not the command or file that it comes from.
func redactToken(bearer string) string {
	if bearer == "" || strings.HasPrefix(bearer, config.CommandPrefix) || strings.HasPrefix(bearer, config.FilePrefix) {
		return bearer
	}
	return dial.Redacted
}

// printable returns a text with unprintable characters escaped as in TOML.
func printable(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			out.WriteString(`\` + string(r))
		case unicode.IsPrint(r):
			out.WriteRune(r)
		default:
			fmt.Fprintf(&out, `\U%08X`, r)
		}
	}
	return out.String()
}

// trustFile trusts the present content of a file, and lists its contexts and commands.
func trustFile(s environment, args []string) error {
	places, err := contextPlaces(s.getenv)
	if err != nil {
		return err
	}
	path := config.Nearest(places.Dir)
	if len(args) > 0 {
		path = args[0]
	}
	if path == "" {
		return &dial.UsageError{Message: "there is no file " + config.ProjectFile + " in this directory or its parents"}
	}
	file, err := config.Read(path)
	if err != nil {
		return err
	}
	if file.Err != nil {
		return file.Err
	}
	if err := places.Trust.Add(path, file.Content); err != nil {
		return err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s is trusted until it changes\n", printable(path))
	for _, c := range file.Contexts {
		fmt.Fprintf(&text, "@%-15s %s\n", c.Name, printable(dial.RedactURL(c.URL)))
		if command, runs := c.Command(); runs {
			fmt.Fprintf(&text, "%-16s runs %s\n", "", printable(command))
		}
	}
	_, err = s.stdout.WriteString(text.String())
	return err
}

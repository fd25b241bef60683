package main

// manualFiles returns the files that the manual page lists.
func manualFiles() [][2]string {
	return [][2]string{
		{"$XDG_CONFIG_HOME/wsx/config", "contexts, which are named connections, for wsx @NAME. XDG_CONFIG_HOME defaults to ~/.config"},
		{".wsx", "contexts of a project, in the working directory or one of its parents. It must be trusted first: wsx config trust"},
		{"$XDG_CONFIG_HOME/wsx/dialects/NAME.dialect", "your own application protocols, for --as NAME"},
		{"$XDG_STATE_HOME/wsx/history", "the history of the prompt. XDG_STATE_HOME defaults to ~/.local/state"},
		{"$XDG_RUNTIME_DIR/wsx/NAME.sock", "the socket of an open session. Without XDG_RUNTIME_DIR, the directory is wsx-UID in TMPDIR or /tmp; on Windows it is wsx in LOCALAPPDATA"},
		{"$XDG_STATE_HOME/wsx/trusted", "the .wsx files that are trusted, by their content"},
		{"$XDG_DATA_HOME/wsx/messages", "messages that /keep saved. XDG_DATA_HOME defaults to ~/.local/share"},
		{"~/.netrc", "passwords, for --netrc"},
		{"~/.aws/credentials, ~/.aws/config", "credentials, with --aws-sigv4"},
	}
}

// manualVariables returns the environment variables that the manual page lists.
func manualVariables() [][2]string {
	return [][2]string{
		{"http_proxy, HTTP_PROXY", "the proxy for ws, unless --proxy is given"},
		{"https_proxy, HTTPS_PROXY", "the proxy for wss"},
		{"all_proxy, ALL_PROXY", "the proxy for both"},
		{"no_proxy, NO_PROXY", "hosts to connect to without a proxy, separated by commas"},
		{"REQUEST_METHOD", "if it is set, HTTP_PROXY is ignored, as it may come from the header of a CGI request"},
		{"SSLKEYLOGFILE", "a file to which the TLS session keys are appended, for Wireshark"},
		{"NO_COLOR", "disables colour; --color overrides it"},
		{"FORCE_COLOR, CLICOLOR_FORCE", "enables colour, even in a pipe"},
		{"TERM", "dumb disables colour and line editing"},
		{"ACCESSIBLE", "1 has the effect of --plain, for screen readers"},
		{"VISUAL, EDITOR", "the program that edits a line or a message"},
		{"PAGER, LESS", "the program that shows text longer than the screen, and its options"},
		{"HOME, USERPROFILE", "the directory that ~ stands for"},
		{"XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_DATA_HOME, XDG_RUNTIME_DIR, TMPDIR, LOCALAPPDATA", "directories, see FILES"},
		{"AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN", "credentials, with --aws-sigv4"},
		{"AWS_PROFILE, AWS_DEFAULT_PROFILE", "the profile to read the credentials from"},
		{"AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE", "files to read instead of those in ~/.aws"},
	}
}

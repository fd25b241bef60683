package main

// manualFiles are the files that the manual page lists.
func manualFiles() [][2]string {
	return [][2]string{
		{"$XDG_CONFIG_HOME/wsx/config", "contexts: connections with names, for wsx @NAME. XDG_CONFIG_HOME is ~/.config where it is not set"},
		{".wsx", "contexts of a project, in the working folder or one above it, once it was trusted with wsx config trust"},
		{"$XDG_CONFIG_HOME/wsx/dialects/NAME.dialect", "application protocols of yours, for --as NAME"},
		{"$XDG_STATE_HOME/wsx/history", "what was typed at the prompt. XDG_STATE_HOME is ~/.local/state where it is not set"},
		{"$XDG_RUNTIME_DIR/wsx/NAME.sock", "the socket of an open session. Without XDG_RUNTIME_DIR the folder is wsx-UID in TMPDIR or /tmp, on Windows wsx in LOCALAPPDATA"},
		{"$XDG_STATE_HOME/wsx/trusted", "which files .wsx are trusted, by their content"},
		{"$XDG_DATA_HOME/wsx/messages", "messages that /keep gave names. XDG_DATA_HOME is ~/.local/share where it is not set"},
		{"~/.netrc", "passwords, with --netrc"},
		{"~/.aws/credentials, ~/.aws/config", "credentials, with --aws-sigv4"},
	}
}

// manualVariables are the variables of the environment that the manual page lists.
func manualVariables() [][2]string {
	return [][2]string{
		{"http_proxy, HTTP_PROXY", "the proxy for ws, where --proxy names none"},
		{"https_proxy, HTTPS_PROXY", "the proxy for wss"},
		{"all_proxy, ALL_PROXY", "the proxy for both"},
		{"no_proxy, NO_PROXY", "hosts that are reached without a proxy, separated by commas"},
		{"REQUEST_METHOD", "when it is set, HTTP_PROXY is a header of a CGI request, and not used"},
		{"SSLKEYLOGFILE", "a file that the keys of TLS are added to, for Wireshark"},
		{"NO_COLOR", "no colour; --color beats it"},
		{"FORCE_COLOR, CLICOLOR_FORCE", "colour also in a pipe"},
		{"TERM", "dumb: no colour and no line editing"},
		{"ACCESSIBLE", "the prompt as with --plain, for screen readers"},
		{"VISUAL, EDITOR", "the program that edits a line or a message"},
		{"PAGER, LESS", "the program that shows what is longer than the screen, and its options"},
		{"HOME, USERPROFILE", "the folder that ~ stands for"},
		{"XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_DATA_HOME, XDG_RUNTIME_DIR, TMPDIR, LOCALAPPDATA", "folders, see FILES"},
		{"AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN", "credentials, with --aws-sigv4"},
		{"AWS_PROFILE, AWS_DEFAULT_PROFILE", "the profile that has the credentials"},
		{"AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE", "files in the place of those in ~/.aws"},
	}
}

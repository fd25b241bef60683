package sigv4

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// CredentialsError is the error when no credentials were found.
type CredentialsError struct {
	Profile string // the profile that was looked for
	Why     string
	Derived bool // the profile exists, and its credentials must be obtained from elsewhere
}

func (e *CredentialsError) Error() string { return "no credentials for AWS: " + e.Why }

// Kind is the kind of the error event.
func (e *CredentialsError) Kind() string { return "usage" }

// Facts returns the reason of the error, and the profile that a hint names.
func (e *CredentialsError) Facts() (reason string, facts map[string]string) {
	reason = "aws-no-credentials"
	if e.Derived {
		reason = "aws-derived-credentials"
	}
	return reason, map[string]string{"profile": e.Profile}
}

// readCredentials reads credentials as the SDKs of AWS do: from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or else from the
// profile AWS_PROFILE in the files ~/.aws/credentials and ~/.aws/config.
func readCredentials(env func(string) string) (aws.Credentials, error) {
	key, secret := env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY")
	switch {
	case key != "" && secret != "":
		return aws.Credentials{AccessKeyID: key, SecretAccessKey: secret, SessionToken: env("AWS_SESSION_TOKEN")}, nil
	case key+secret != "":
		return aws.Credentials{}, &CredentialsError{Why: "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set"}
	}
	name := cmp.Or(env("AWS_PROFILE"), env("AWS_DEFAULT_PROFILE"), defaultProfile)
	p, err := readProfile(env, name)
	if err != nil {
		return aws.Credentials{}, err
	}
	found := aws.Credentials{AccessKeyID: p["aws_access_key_id"], SecretAccessKey: p["aws_secret_access_key"], SessionToken: p["aws_session_token"]}
	if found.HasKeys() {
		return found, nil
	}
	return aws.Credentials{}, missing(name, p)
}

// missing returns the error for a profile without keys.
func missing(name string, p profile) error {
	if p == nil {
		return &CredentialsError{Profile: name, Why: fmt.Sprintf("AWS_ACCESS_KEY_ID is not set, and ~/.aws has no profile %q", name)}
	}
	for _, key := range []string{"sso_session", "sso_start_url", "login_session", "role_arn", "credential_process", "web_identity_token_file", "credential_source"} {
		if p[key] != "" {
			return &CredentialsError{Profile: name, Why: fmt.Sprintf("the profile %q gets them by %s, which wsx does not support", name, key), Derived: true}
		}
	}
	return &CredentialsError{Profile: name, Why: fmt.Sprintf("the profile %q has no aws_access_key_id and aws_secret_access_key", name)}
}

// defaultProfile is the profile that is used if none is named.
const defaultProfile = "default"

// profile has the settings of a profile; nil = the profile does not exist.
type profile map[string]string

// readProfile reads a profile from both files. Settings in credentials take precedence over those in config.
func readProfile(env func(string) string, name string) (profile, error) {
	home := filepath.Join(cmp.Or(env("HOME"), env("USERPROFILE")), ".aws")
	section := name
	if name != defaultProfile {
		section = "profile " + name
	}
	p, err := readSection(cmp.Or(env("AWS_CONFIG_FILE"), filepath.Join(home, "config")), section, nil)
	if err != nil {
		return nil, err
	}
	return readSection(cmp.Or(env("AWS_SHARED_CREDENTIALS_FILE"), filepath.Join(home, "credentials")), name, p)
}

// readSection adds the settings in a section of a file, which need not exist.
func readSection(path, section string, p profile) (profile, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read credentials for AWS: %w", err)
	}
	within := false
	for line := range strings.Lines(string(content)) {
		text := strings.TrimRight(line, " \t\r\n")
		switch {
		case text == "", text[0] == '#', text[0] == ';', text[0] == ' ', text[0] == '\t': // indented lines are nested settings
		case text[0] == '[':
			title, _, closed := strings.Cut(text[1:], "]")
			if within = closed && strings.Join(strings.Fields(title), " ") == section; within && p == nil {
				p = profile{}
			}
		case within:
			if key, value, found := strings.Cut(text, "="); found {
				p[strings.ToLower(strings.TrimSpace(key))] = withoutComment(strings.TrimSpace(value))
			}
		}
	}
	return p, nil
}

// withoutComment returns a value without a comment after white space.
func withoutComment(value string) string {
	for _, start := range []string{" #", " ;", "\t#", "\t;"} {
		value, _, _ = strings.Cut(value, start)
	}
	return strings.TrimSpace(value)
}

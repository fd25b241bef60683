package dial

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// basic returns the value of an Authorization header (RFC 7617).
func basic(login *url.Userinfo) string {
	password, _ := login.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(login.Username()+":"+password))
}

// credentials are the user's for a target, and the target they are for.
type credentials struct {
	target        Target // the only target that may be sent authorization
	authorization string // "" = none
	netrc         netrc  // logins by host
}

// credentials collects the credentials, asking for a password that is missing.
func (o Options) credentials(target Target) (credentials, error) {
	c := credentials{target: target}
	if o.Netrc != "" {
		text, err := os.ReadFile(o.Netrc)
		if err != nil {
			return c, fmt.Errorf("read netrc: %w", err)
		}
		if c.netrc, err = parseNetrc(string(text)); err != nil {
			return c, fmt.Errorf("read netrc %q: %w", o.Netrc, err)
		}
	}
	switch {
	case o.Bearer != "":
		c.authorization = "Bearer " + o.Bearer
	case o.User != "":
		login, err := o.login(target, c.netrc)
		if err != nil {
			return c, err
		}
		c.authorization = basic(login)
	case target.User != nil:
		c.authorization = basic(target.User)
	}
	return c, nil
}

// login returns Options.User with its password, which comes from the netrc or AskPassword if the option has none.
func (o Options) login(target Target, known netrc) (*url.Userinfo, error) {
	user, password, has := strings.Cut(o.User, ":")
	if !has {
		password, has = known.password(target.Host, user)
	}
	if !has {
		if o.AskPassword == nil {
			return nil, &UsageError{Message: fmt.Sprintf("no password was given for the user %q", user), Reason: PasswordMissing}
		}
		answer, err := o.AskPassword(fmt.Sprintf("Password of %s for %s: ", user, target.authority()))
		if err != nil {
			return nil, fmt.Errorf("ask for the password of %s: %w", user, err)
		}
		password = answer
	}
	return url.UserPassword(user, password), nil
}

// authorizationFor returns the credentials for target: all of them for the target that was dialed first, else only those of its own
// URL and of the netrc.
func (c credentials) authorizationFor(target Target) string {
	if c.authorization != "" && target.sameOrigin(c.target) {
		return c.authorization
	}
	if target.User != nil {
		return basic(target.User)
	}
	if login := c.netrc.login(target.Host); login != nil {
		return basic(login)
	}
	return ""
}

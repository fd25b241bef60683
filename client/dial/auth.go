package dial

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
)

// basic returns the value of an Authorization header (RFC 7617).
func basic(login *url.Userinfo) string {
	password, _ := login.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(login.Username()+":"+password))
}

// credentials are the credentials of the user, and the target that they are for.
type credentials struct {
	target        Target // the only target that may be sent authorization
	authorization string // "" = none
	netrc         netrc  // logins by host
}

// credentials returns the credentials in the options and the URL. It asks for a missing password.
func (o Options) credentials(ctx context.Context, target Target) (credentials, error) {
	c := credentials{target: target}
	if o.Netrc != "" {
		text, err := readFile(ctx, o.Netrc)
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
		login, err := o.login(ctx, target, c.netrc)
		if err != nil {
			return c, err
		}
		c.authorization = basic(login)
	case target.User != nil:
		c.authorization = basic(target.User)
	}
	return c, nil
}

// login returns Options.User with its password: that of the option, else that of the netrc, else the result of AskPassword.
func (o Options) login(ctx context.Context, target Target, known netrc) (*url.Userinfo, error) {
	user, password, has := strings.Cut(o.User, ":")
	if !has {
		password, has = known.password(target.Host, user)
	}
	if !has {
		if o.AskPassword == nil {
			return nil, &UsageError{Message: fmt.Sprintf("no password was given for the user %q", user), Reason: PasswordMissing}
		}
		answer, err := o.AskPassword(ctx, fmt.Sprintf("Password of %s for %s: ", user, target.authority()))
		if err != nil {
			return nil, fmt.Errorf("ask for the password of %s: %w", user, err)
		}
		password = answer
	}
	return url.UserPassword(user, password), nil
}

// authorizationFor returns the Authorization for target. Only the origin that was dialed first is sent those of the options;
// others are sent those of their own URL or of the netrc. "" = none.
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

// Package sigv4 signs the URLs of WebSockets as services of AWS require: Signature Version 4 in the query. It reads credentials from the
// environment and from the files of the AWS command line.
package sigv4

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// emptyPayload is the SHA-256 of no bytes: an opening handshake has no body.
const emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// validity is how long a signature can be used, in seconds. Amazon Transcribe allows no more.
const validity = "300"

// tokenParameter carries the token of temporary credentials.
const tokenParameter = "X-Amz-Security-Token"

// Signer signs URLs. The zero value takes region and service from the host.
type Signer struct {
	Region, Service string              // as in the scope of a signature; both or neither
	Env             func(string) string // looks up AWS_ACCESS_KEY_ID and its like, and HOME
	Now             func() time.Time    // nil = time.Now
}

// Scope is the region and the service that a signature is for.
type Scope struct{ Region, Service string }

// UnknownServiceError is the error when region and service cannot be derived from a host.
type UnknownServiceError struct{ Host string }

func (e *UnknownServiceError) Error() string {
	return fmt.Sprintf("the AWS region and service cannot be derived from the host %s", e.Host)
}

// Kind is the kind of the error event.
func (e *UnknownServiceError) Kind() string { return "usage" }

// Facts returns the reason of the error; there are no other facts.
func (e *UnknownServiceError) Facts() (reason string, facts map[string]string) {
	return "aws-scope-unknown", nil
}

// Sign returns the path and query of a URL with a signature in the query. It reads the credentials each time, as temporary ones may have been
// replaced. It fails with an *UnknownServiceError, a *CredentialsError or the error of a file.
func (s Signer) Sign(address string) (path string, err error) {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	if request.URL.Path == "" {
		request.URL.Path = "/"
	}
	scope := Scope{s.Region, s.Service}
	if scope.Service == "" {
		if scope, err = scopeOf(request.URL.Hostname()); err != nil {
			return "", err
		}
	}
	credentials, err := readCredentials(s.Env)
	if err != nil {
		return "", err
	}
	now := s.Now
	if now == nil {
		now = time.Now
	}
	return presign(request, scope, credentials, now())
}

// presign puts the signature into the query of a request. AWS IoT requires the token of temporary credentials to be added after signing,
// and documents no time of validity; other services require both to be signed.
func presign(request *http.Request, scope Scope, credentials aws.Credentials, now time.Time) (string, error) {
	token := ""
	if isIoT(scope.Service) {
		token, credentials.SessionToken = credentials.SessionToken, ""
	} else if query := request.URL.Query(); !query.Has("X-Amz-Expires") {
		query.Set("X-Amz-Expires", validity)
		request.URL.RawQuery = query.Encode()
	}
	signed, _, err := v4.NewSigner().PresignHTTP(context.Background(), credentials, request, emptyPayload, scope.Service, scope.Region, now)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	if token != "" {
		signed += "&" + tokenParameter + "=" + url.QueryEscape(token)
	}
	_, rest, _ := strings.Cut(signed, "://")
	_, path, _ := strings.Cut(rest, "/")
	return "/" + path, nil
}

// isIoT reports whether a service is the message broker of AWS IoT.
func isIoT(service string) bool { return service == "iotdevicegateway" || service == "iotdata" }

// signedServices are the services with WebSockets, each with the label in its host names and its name in signatures.
var signedServices = [...]struct{ label, service string }{
	{"execute-api", "execute-api"}, {"iot", "iotdevicegateway"}, {"transcribestreaming", "transcribe"}, {"transcribestreaming-fips", "transcribe"},
}

// scopeOf returns the scope of signatures for a host, derived from its name: ...SERVICE.REGION.amazonaws.com.
func scopeOf(host string) (Scope, error) {
	name := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(host), "."), ".cn")
	name, isAWS := strings.CutSuffix(name, ".amazonaws.com")
	labels := strings.Split(name, ".")
	if !isAWS || len(labels) < 2 {
		return Scope{}, &UnknownServiceError{host}
	}
	region, label := labels[len(labels)-1], labels[len(labels)-2]
	for _, known := range signedServices {
		if label == known.label {
			return Scope{Region: region, Service: known.service}, nil
		}
	}
	return Scope{}, &UnknownServiceError{host}
}

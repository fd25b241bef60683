package sigv4

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// signingTime returns the time of the signatures in the tests.
func signingTime() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// lookup returns a function that looks up environment variables.
func lookup(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

const (
	exampleKey    = "AKIDEXAMPLE"
	exampleSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

// keys returns an environment with the credentials of the tests; "" = without a token.
func keys(token string) func(string) string {
	return lookup(map[string]string{"AWS_ACCESS_KEY_ID": exampleKey, "AWS_SECRET_ACCESS_KEY": exampleSecret, "AWS_SESSION_TOKEN": token})
}

// TestAgainstTheSDK compares byte for byte with URLs presigned by the SDK of AWS.
func TestAgainstTheSDK(t *testing.T) {
	for _, row := range []struct {
		url, service, region, expires, token string
		tokenUnsigned                        bool
	}{
		{"https://abc123.execute-api.eu-west-1.amazonaws.com/prod?room=a%20b&x=1", "execute-api", "eu-west-1", "300", "", false},
		{"https://abc123.execute-api.eu-west-1.amazonaws.com/prod/%7Bx%7D/ü", "execute-api", "eu-west-1", "300", "token/+=", false},
		{"https://transcribestreaming.us-west-2.amazonaws.com:8443/stream-transcription-websocket?sample-rate=16000&language-code=en-US", "transcribe", "us-west-2", "300", "token/+=", false},
		{"https://a1b2-ats.iot.us-east-1.amazonaws.com/mqtt", "iotdevicegateway", "us-east-1", "", "", false},
		{"https://a1b2-ats.iot.us-east-1.amazonaws.com/mqtt", "iotdevicegateway", "us-east-1", "", "token/+=", true},
		{"http://127.0.0.1:8080/?X-Amz-Expires=60", "custom", "eu-central-1", "60", "", false},
		{"https://own.example", "custom", "eu-central-1", "300", "", false},
	} {
		request, err := http.NewRequest(http.MethodGet, row.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if query := request.URL.Query(); row.expires != "" {
			query.Set("X-Amz-Expires", row.expires)
			request.URL.RawQuery = query.Encode()
		}
		credentials := aws.Credentials{AccessKeyID: exampleKey, SecretAccessKey: exampleSecret, SessionToken: row.token}
		if row.tokenUnsigned {
			credentials.SessionToken = ""
		}
		want, _, err := v4.NewSigner().PresignHTTP(context.Background(), credentials, request, emptyPayload, row.service, row.region, signingTime())
		if err != nil {
			t.Fatal(err)
		}
		if row.tokenUnsigned {
			want += "&X-Amz-Security-Token=" + url.QueryEscape(row.token)
		}
		s := Signer{Env: keys(row.token), Now: signingTime}
		if row.service == "custom" {
			s.Region, s.Service = row.region, row.service
		}
		path, err := s.Sign(row.url)
		if got := request.URL.Scheme + "://" + request.URL.Host + path; err != nil || got != strings.Replace(want, "example?", "example/?", 1) {
			t.Errorf("%s: %v\ngot  %s\nwant %s", row.url, err, got, want)
		}
	}
}

// TestAgainstBotocore compares with signatures made by botocore 1.44.8, another implementation.
func TestAgainstBotocore(t *testing.T) {
	for _, row := range []struct{ url, token, signature string }{
		{"https://abc123.execute-api.eu-west-1.amazonaws.com/prod?room=a%20b&x=1", "", "a730a47fa123c58bba4131882e426b893f30ba57855d52ec61c495778231172b"},
		{"https://transcribestreaming.us-west-2.amazonaws.com:8443/stream-transcription-websocket?language-code=en-US&media-encoding=flac&sample-rate=16000",
			"token/+=", "db53ec724b8bdd652961b28f2a003b7af5e5dc0cbc8bd802c3d2daa75838fd52"},
	} {
		path, err := Signer{Env: keys(row.token), Now: signingTime}.Sign(row.url)
		signed, _ := url.Parse(path)
		if err != nil || signed.Query().Get("X-Amz-Signature") != row.signature {
			t.Errorf("%s: %v: %s", row.url, err, path)
		}
	}
}

func TestScopeOf(t *testing.T) {
	for host, want := range map[string]Scope{
		"abc.execute-api.eu-west-1.amazonaws.com":             {"eu-west-1", "execute-api"},
		"abc-vpce-1.execute-api.us-gov-west-1.amazonaws.com.": {"us-gov-west-1", "execute-api"},
		"abc.execute-api.cn-north-1.amazonaws.com.cn":         {"cn-north-1", "execute-api"},
		"A1-ats.IOT.us-east-1.amazonaws.com":                  {"us-east-1", "iotdevicegateway"},
		"data.iot.us-east-1.amazonaws.com":                    {"us-east-1", "iotdevicegateway"},
		"transcribestreaming.us-west-2.amazonaws.com":         {"us-west-2", "transcribe"},
		"transcribestreaming-fips.us-west-2.amazonaws.com":    {"us-west-2", "transcribe"},
		"s3.eu-west-1.amazonaws.com":                          {},
		"amazonaws.com":                                       {},
		"iot.us-east-1.amazonaws.com.evil.example":            {},
		"example.com": {},
	} {
		got, err := scopeOf(host)
		var unknown *UnknownServiceError
		if got != want || errors.As(err, &unknown) == (want.Service != "") {
			t.Errorf("%s: %v %v", host, got, err)
		}
	}
}

func TestCredentials(t *testing.T) {
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"config": "[default]\nregion = eu-west-1\n\n[profile work]\naws_access_key_id=from-config\naws_secret_access_key=s1\n" +
			"[profile  sso ]\nsso_session = corp\n[profile bare]\ns3 =\n  aws_access_key_id = nested\n[profile config-only]\naws_access_key_id = c ; a comment\naws_secret_access_key = cs\n",
		"credentials": "# a comment\n[default]\naws_access_key_id = d\r\naws_secret_access_key = ds=\r\n[work]\nAWS_Access_Key_ID = w\naws_secret_access_key = ws # mine\naws_session_token = wt\n",
	} {
		if err := os.WriteFile(filepath.Join(home, ".aws", name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range []struct{ variables, want, fails string }{
		{"AWS_ACCESS_KEY_ID=e AWS_SECRET_ACCESS_KEY=es AWS_SESSION_TOKEN=et AWS_PROFILE=work", "e es et", ""},
		{"", "d ds= ", ""},
		{"AWS_PROFILE=work", "w ws wt", ""},
		{"AWS_DEFAULT_PROFILE=config-only", "c cs ", ""},
		{"AWS_PROFILE=sso", "", `the profile "sso" gets them by sso_session`},
		{"AWS_PROFILE=bare", "", `the profile "bare" has no aws_access_key_id`},
		{"AWS_PROFILE=nobody", "", `no profile "nobody"`},
		{"AWS_ACCESS_KEY_ID=e", "", "only one of AWS_ACCESS_KEY_ID"},
		{"AWS_SHARED_CREDENTIALS_FILE=/nowhere", "", `the profile "default" has no`},
		{"AWS_CONFIG_FILE=/nowhere AWS_SHARED_CREDENTIALS_FILE=/nowhere", "", `AWS_ACCESS_KEY_ID is not set, and ~/.aws has no profile "default"`},
	} {
		variables := map[string]string{"HOME": home}
		for pair := range strings.FieldsSeq(row.variables) {
			name, value, _ := strings.Cut(pair, "=")
			variables[name] = value
		}
		got, err := readCredentials(lookup(variables))
		if row.fails != "" {
			var credentialsErr *CredentialsError
			if !errors.As(err, &credentialsErr) || !strings.Contains(err.Error(), row.fails) {
				t.Errorf("%s: %v, want %q", row.variables, err, row.fails)
			}
			continue
		}
		if text := got.AccessKeyID + " " + got.SecretAccessKey + " " + got.SessionToken; err != nil || text != row.want {
			t.Errorf("%s: %q %v, want %q", row.variables, text, err, row.want)
		}
	}
}

// TestReadsEachTime: each signature uses the current time and credentials.
func TestReadsEachTime(t *testing.T) {
	now, token := signingTime(), "first"
	s := Signer{Env: func(name string) string { return keys(token)(name) }, Now: func() time.Time { return now }}
	first, err := s.Sign("https://abc.execute-api.eu-west-1.amazonaws.com/")
	if err != nil {
		t.Fatal(err)
	}
	now, token = now.Add(time.Hour), "second"
	second, err := s.Sign("https://abc.execute-api.eu-west-1.amazonaws.com/")
	if err != nil || !strings.Contains(first, "X-Amz-Date=20260102T030405Z") || !strings.Contains(second, "X-Amz-Date=20260102T040405Z") || !strings.Contains(second, "Token=second") {
		t.Errorf("%v\n%s\n%s", err, first, second)
	}
}

// FuzzCredentials checks that there is neither a panic nor a secret in an error.
func FuzzCredentials(f *testing.F) {
	f.Add("[default]\naws_access_key_id = d\naws_secret_access_key = hidden\n")
	f.Add("[profile x]\n = \n[")
	f.Fuzz(func(t *testing.T, content string) {
		path := filepath.Join(t.TempDir(), "credentials")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := readCredentials(lookup(map[string]string{"AWS_SHARED_CREDENTIALS_FILE": path, "AWS_CONFIG_FILE": path}))
		if err != nil && strings.Contains(err.Error(), "hidden") {
			t.Error(err)
		}
	})
}

package render

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"

	"wsx/client/dial"
)

// handshakeOf returns the handshake of a failed attempt to connect, as far as it got, and the step that failed; nil = the error
// is not about connecting.
func handshakeOf(err error) (*dial.Handshake, dial.Step) {
	if dial, ok := errors.AsType[*dial.Error](err); ok && dial.Handshake != nil {
		return dial.Handshake, dial.Step
	}
	return nil, ""
}

// stepName returns the name of a step of connecting, for a note.
func stepName(step dial.Step) string {
	return map[dial.Step]string{
		dial.NameStep: "resolving the name", dial.TCPStep: "connecting", dial.ProxyStep: "connecting through the proxy",
		dial.TLSStep: "the TLS handshake", dial.UpgradeStep: "the upgrade",
	}[step]
}

// appendHandshake appends the opening handshake as curl -v shows it: steps with *, what was sent with >,
// what was received with <. The last line is about the step that failed, "" = no step failed.
func (n *Notes) appendHandshake(dst []byte, h *dial.Handshake, failed dial.Step) []byte {
	dst = n.appendSteps(dst, h, failed)
	if h.TLS != nil {
		dst = n.appendTLS(dst, h, failed)
	}
	if h.Accepted {
		dst = appendSigned(dst, n.Theme.In, "<", h.Request...)
		return appendSigned(dst, n.Theme.Out, ">", h.Response...)
	}
	dst = appendSigned(dst, n.Theme.Out, ">", h.Request...)
	dst = appendSigned(dst, n.Theme.In, "<", h.Response...)
	switch took := h.Timing.Of(failed); {
	case took > 0:
		return n.info(dst, stepName(failed)+" failed after "+rounded(took).String())
	case failed != "":
		return n.info(dst, stepName(failed)+" failed")
	case h.Timing.Upgrade > 0:
		return n.step(dst, "upgraded", h.Timing.Upgrade)
	}
	return dst
}

func (n *Notes) appendSteps(dst []byte, h *dial.Handshake, failed dial.Step) []byte {
	for _, redirect := range h.Redirects {
		dst = n.info(dst, "redirected by "+clean(redirect))
	}
	if h.Timing.DNS > 0 && failed != dial.NameStep {
		dst = n.step(dst, "name resolved", h.Timing.DNS)
	}
	if h.Proxy != "" {
		dst = n.info(dst, "through the proxy "+clean(h.Proxy))
	}
	if h.Direct != "" {
		dst = n.info(dst, clean(h.Direct))
	}
	if h.Remote != "" && !h.Accepted {
		dst = n.step(dst, "connected to "+clean(h.Remote)+" from "+clean(h.Local), h.Timing.Connect)
	}
	if h.Timing.Proxy > 0 && failed != dial.ProxyStep {
		dst = n.step(dst, "the proxy opened the connection", h.Timing.Proxy)
	}
	return dst
}

func (n *Notes) appendTLS(dst []byte, h *dial.Handshake, failed dial.Step) []byte {
	if failed != dial.TLSStep {
		text := tls.VersionName(h.TLS.Version) + ", " + tls.CipherSuiteName(h.TLS.CipherSuite)
		if h.TLS.NegotiatedProtocol != "" {
			text += ", ALPN " + clean(h.TLS.NegotiatedProtocol)
		}
		dst = n.step(dst, text, h.Timing.TLS)
	}
	for _, cert := range h.TLS.PeerCertificates {
		dst = n.info(dst, certificateText(cert))
	}
	return dst
}

func certificateText(cert *x509.Certificate) string {
	return "  certificate " + clean(cert.Subject.String()) + ", issued by " + clean(cert.Issuer.String()) +
		", valid " + cert.NotBefore.UTC().Format(time.DateOnly) + " to " + cert.NotAfter.UTC().Format(time.DateOnly)
}

// info appends a line of the handshake. It has no time stamp, since all lines are written when the handshake is done.
func (n *Notes) info(dst []byte, text string) []byte {
	return append(n.Theme.Dim.append(dst, "* "+text), '\n')
}

func (n *Notes) step(dst []byte, text string, took time.Duration) []byte {
	if took > 0 { // over QUIC, TLS is part of connecting
		text += " in " + rounded(took).String()
	}
	return n.info(dst, text)
}

// Why a connection failed or ended, as far as a browser reports it.

const timeout = 5000; // milliseconds that the server may take to answer the HTTP request

// Close codes of RFC 6455, section 7.4.1, and of the IANA's registry.
const meanings = {
  1000: "normal closure",
  1001: "going away",
  1002: "protocol error",
  1003: "unsupported data",
  1005: "the Close has no code",
  1006: "connection lost without a Close",
  1007: "invalid data, as text that is not UTF-8",
  1008: "policy violation",
  1009: "message too big",
  1010: "an extension is missing",
  1011: "internal error of the server",
  1012: "the server restarts",
  1013: "try again later",
  1014: "bad gateway",
  1015: "TLS failed",
};

// meaning returns the meaning of a close code; "" = the application defines it.
export function meaning(code) {
  return meanings[code] ?? "";
}

// failureReason requests the same URL over HTTP, as a browser does not report to a page why a WebSocket did not open.
export async function failureReason(url) {
  const more = `In a terminal, wsx -v '${url.href.replaceAll("'", "'\\''")}' shows more.`;
  if (!navigator.onLine) return "this browser is offline";
  if (location.protocol === "https:" && url.protocol === "ws:") {
    return `a page served over https cannot connect to a ws URL on another machine: use wss. ${more}`;
  }
  const address = new URL(url);
  address.protocol = url.protocol === "wss:" ? "https:" : "http:";
  const own = address.origin === location.origin;
  try {
    const response = await fetch(address, {
      method: "HEAD", mode: own ? "same-origin" : "no-cors", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(timeout),
    });
    const status = response.status ? `: HTTP ${response.status} without an upgrade` : "";
    return `a server answers at ${address.host}, but did not open a WebSocket${status}. ` +
      `Is the path right? Does it accept pages from ${location.origin}? ${more}`;
  } catch (error) {
    if (error.name === "TimeoutError") return `no answer from ${address.host} within ${timeout / 1000} s. ${more}`;
    if (url.protocol === "ws:") return `no server answers at ${address.host}. Is it running? ${more}`;
    return `no server answers at ${address.host}, or this browser does not trust its certificate: open ${address.origin} in a tab to see. ${more}`;
  }
}

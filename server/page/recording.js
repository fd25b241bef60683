// The recording of the session in the format of wsx: events, one JSON object per line.

const maxSize = 64 << 20; // approximate size of the messages that are kept, in bytes
const overhead = 200; // bytes of memory of a message besides its data

export class Recording {
  constructor() {
    this.events = [];
    this.size = 0;
    this.dropped = 0; // number of messages
    this.sent = 0; // number of messages in the current session
    this.received = 0;
  }

  // opened begins a session. A browser does not give a page the response, so that the recording has no headers.
  opened(socket) {
    this.sent = this.received = 0;
    this.#add({
      v: 1, time: now(), event: "open", url: socket.url, http: "HTTP/1.1", status: 101,
      subprotocol: socket.protocol, extensions: socket.extensions, headers: {},
    });
  }

  // message adds a text, or bytes as a Uint8Array.
  message(dir, data) {
    if (dir === "out") this.sent++;
    else this.received++;
    const type = typeof data === "string" ? "text" : "binary";
    this.#add({ time: now(), event: "message", dir, type, data });
    this.size += data.length + overhead;
    while (this.size > maxSize && this.#drop());
  }

  close(dir, code, reason) {
    this.#add({ time: now(), event: "close", dir, code, reason });
  }

  // ended ends a session that was open: 1006 = the connection was lost.
  ended(code) {
    if (code === 1006) this.#add({ time: now(), event: "error", kind: "lost", message: "connection lost without a Close" });
    const exit = code === 1006 ? 7 : code === 1000 || code === 1001 || code === 1005 ? 0 : 8;
    this.#add({ time: now(), event: "end", exit, code, sent: this.sent, received: this.received });
  }

  // clear removes all events except the open event of the current session.
  clear() {
    const open = this.events.findLast((event) => event.event === "open" || event.event === "end");
    this.events = open?.event === "open" ? [open] : [];
    this.size = this.dropped = 0;
  }

  // blob returns the file.
  blob() {
    return new Blob(this.events.map((event) => JSON.stringify(fileEvent(event)) + "\n"), { type: "application/x-ndjson" });
  }

  #add(event) {
    this.events.push(event);
  }

  // drop removes the oldest message, and reports whether there was one before the last event.
  #drop() {
    const oldest = this.events.findIndex((event) => event.event === "message");
    if (oldest < 0 || oldest === this.events.length - 1) return false;
    this.size -= this.events[oldest].data.length + overhead;
    this.events.splice(oldest, 1);
    this.dropped++;
    return true;
  }
}

// fileEvent returns an event as written to a file.
function fileEvent(event) {
  if (event.event !== "message") return event;
  const { data, ...rest } = event;
  if (typeof data === "string") return { ...rest, bytes: new TextEncoder().encode(data).length, data };
  return { ...rest, bytes: data.length, data: base64(data), encoding: "base64" };
}

function base64(bytes) {
  const block = 0x8000; // maximum number of arguments of a call
  let binary = "";
  for (let at = 0; at < bytes.length; at += block) binary += String.fromCharCode(...bytes.subarray(at, at + block));
  return btoa(binary);
}

// now returns the time in UTC with nanoseconds, as precise as the browser allows. It never decreases.
function now() {
  const at = performance.timeOrigin + performance.now();
  const millisecond = Math.floor(at);
  const nanoseconds = Math.floor((at - millisecond) * 1e6);
  return new Date(millisecond).toISOString().replace("Z", String(nanoseconds).padStart(6, "0") + "Z");
}

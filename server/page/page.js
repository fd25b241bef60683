"use strict";

// How many entries the log keeps.
const longestLog = 1000;

const states = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];
const part = (id) => document.getElementById(id);

let socket = null;

// note adds an entry: what is a word and, for messages, a sign for the direction; kind gives it its colour.
function note(kind, what, data) {
  const entry = document.createElement("li");
  entry.className = kind;
  entry.append(cell("time", clock(new Date())), cell("span", what, "what"), cell("span", data, "data"));
  const log = part("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  log.append(entry);
  if (log.childElementCount > longestLog) log.firstElementChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
  part("empty").hidden = true;
}

function cell(tag, text, name) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

function clock(date) {
  const two = (n, digits = 2) => String(n).padStart(digits, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`;
}

// show makes the page say what the socket's ready state is, and offer what can be done in it.
function show() {
  const state = socket ? states[socket.readyState] : "CLOSED";
  const output = part("state");
  if (output.dataset.state !== state || output.textContent !== state) {
    output.textContent = state;
    output.dataset.state = state;
  }
  part("connect").disabled = state !== "CLOSED";
  part("url").disabled = state !== "CLOSED";
  part("disconnect").disabled = state !== "OPEN" && state !== "CONNECTING";
  part("message").disabled = part("send").disabled = state !== "OPEN";
}

function connect(url) {
  try {
    socket = new WebSocket(url);
  } catch (error) {
    note("error", "error", error.message);
    return;
  }
  socket.binaryType = "arraybuffer";
  note("state", "connecting", url);
  socket.addEventListener("open", opened);
  socket.addEventListener("message", received);
  socket.addEventListener("error", () => note("error", "error", "the browser does not say why"));
  socket.addEventListener("close", closed);
  show();
}

function opened() {
  const agreed = [socket.protocol && `subprotocol ${socket.protocol}`, socket.extensions];
  note("state", "open", agreed.filter(Boolean).join(", "));
  show();
  part("message").focus();
}

function received(event) {
  if (typeof event.data === "string") {
    note("received", "\u2190 text", event.data);
    return;
  }
  const bytes = Array.from(new Uint8Array(event.data), (b) => b.toString(16).padStart(2, "0"));
  note("received", "\u2190 binary", `${bytes.length} bytes ${bytes.slice(0, 256).join(" ")}${bytes.length > 256 ? " \u2026" : ""}`);
}

function closed(event) {
  const reason = event.reason ? ` ${event.reason}` : "";
  note(event.wasClean ? "state" : "error", "close", `${event.code}${reason}${event.wasClean ? "" : " (not clean)"}`);
  const focus = document.activeElement; // a button that is disabled loses it, but not at once
  const lost = !focus || focus.disabled || focus === document.body || part("conversation").contains(focus);
  socket = null;
  show();
  if (lost) part("connect").focus();
}

function send() {
  const text = part("message").value;
  socket.send(text);
  note("sent", "\u2192 text", text);
  part("message").value = "";
  part("message").focus();
}

part("connection").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!socket) connect(part("url").value.trim());
});

part("disconnect").addEventListener("click", () => {
  socket.close(1000);
  show();
});

part("conversation").addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket && socket.readyState === WebSocket.OPEN) send();
});

part("message").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  part("conversation").requestSubmit();
});

part("clear").addEventListener("click", () => {
  part("log").replaceChildren();
  part("empty").hidden = false;
});

// The server that gave this page is the first to talk to; ?name= of the page is its ?name=.
part("url").value = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/${location.search}`;
show();

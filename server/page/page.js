// The page: what is pressed and typed, and the WebSocket.

import { History } from "./history.js";
import { Log } from "./log.js";
import { meaning, whyNot } from "./reason.js";
import { Recording } from "./recording.js";

const states = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];
const pingPatience = 10000; // milliseconds
const part = (id) => document.getElementById(id);

const behaviour = document.querySelector("meta[name=behaviour]").content; // of the server that gave this page
const history = new History();
const recording = new Recording();
const log = new Log({
  log: part("log"), entries: part("entries"), empty: part("empty"), matches: part("matches"), newest: part("newest"),
}, () => part(part("message").disabled ? "url" : "message").focus());

let socket = null;
let hasOpened = false; // the present socket
let endedHere = false; // the present socket: it was closed from the page
let again = false; // connect when the present socket has closed
let myName = ""; // in the chat of this server, as the server says; "" = not in it
let undelivered = []; // entries of what was sent to the chat and has not come back
let pings = []; // texts that were sent and have not come back, each with its time
let pingCount = 0;

// show makes the page say what the socket's ready state is, and offer what can be done in it.
function show() {
  const state = socket ? states[socket.readyState] : "CLOSED";
  const output = part("state");
  if (output.dataset.state !== state || output.textContent !== state) {
    output.textContent = state;
    output.dataset.state = state;
  }
  part("connect").textContent = state === "CLOSED" ? "Connect" : "Disconnect";
  part("message").disabled = part("send").disabled = part("ping").disabled = state !== "OPEN";
}

function connect() {
  const address = part("url").value.trim();
  try {
    socket = new WebSocket(address);
  } catch (error) {
    log.add("error", "error", error.message);
    return;
  }
  socket.binaryType = "arraybuffer";
  hasOpened = endedHere = false;
  log.add("state", "connecting", socket.url);
  socket.addEventListener("open", opened);
  socket.addEventListener("message", (event) => received(event.data));
  socket.addEventListener("close", closed);
  show();
}

function opened() {
  hasOpened = true;
  recording.opened(socket);
  const agreed = [socket.protocol && `subprotocol ${socket.protocol}`, socket.extensions];
  log.add("state", "open", agreed.filter(Boolean).join(", "));
  show();
  if ([document.body, part("url"), part("connect")].includes(document.activeElement)) part("message").focus();
}

function received(data) {
  if (typeof data !== "string") data = new Uint8Array(data);
  recording.message("in", data);
  if (!isDelivery(data)) log.add("received", typeof data === "string" ? "\u2190 text" : "\u2190 binary", data);
  answersPing(data);
}

// isDelivery reports whether a text is what we sent to the chat: it stands in the log already, which then says so.
function isDelivery(data) {
  if (!inChat() || typeof data !== "string") return false;
  if (!myName) myName = data.match(/^Welcome (.*)\.$/)?.[1] ?? "";
  if (!myName || undelivered.length === 0 || data !== `${myName} says: ${undelivered[0].data}`) return false;
  log.mark(undelivered.shift(), "delivered");
  return true;
}

// inChat reports whether the socket leads to the chat of the server that gave this page.
function inChat() {
  return behaviour === "chat" && new URL(socket.url).host === location.host;
}

function answersPing(data) {
  const found = typeof data === "string" ? pings.find((ping) => data.endsWith(ping.text)) : undefined;
  if (!found) return;
  clearTimeout(found.timer);
  pings = pings.filter((ping) => ping !== found);
  log.add("state", "pong", `\u201c${found.text}\u201d was echoed after ${(performance.now() - found.time).toFixed(1)} ms`);
}

function closed(event) {
  if (hasOpened) {
    const meant = event.reason || meaning(event.code);
    if (event.code !== 1006) recordClose(event);
    recording.ended(event.code);
    log.add(event.wasClean ? "state" : "error", "close", `${event.code}${meant && ` ${meant}`}`);
  } else if (endedHere) {
    log.add("state", "close", "given up before the connection was open");
  } else {
    failed(new URL(socket.url));
  }
  forget();
  show();
  if (again) connect();
  again = false;
}

// failed asks why, which may take seconds.
async function failed(url) {
  log.add("error", "failed", `no connection to ${url.host}`);
  log.add("error", "why", await whyNot(url));
}

// forget ends all that belongs to the present socket.
function forget() {
  for (const ping of pings) clearTimeout(ping.timer);
  const focus = document.activeElement; // a field that is disabled loses it, but not at once
  if (focus === document.body || part("conversation").contains(focus)) part("connect").focus();
  socket = null;
  myName = "";
  undelivered = [];
  pings = [];
}

// recordClose adds both Close frames: a browser answers the server's with its own, of the same code.
function recordClose(event) {
  recording.close(endedHere ? "out" : "in", event.code, event.reason);
  recording.close(endedHere ? "in" : "out", event.code, "");
}

// reconnect connects, after the present connection has been closed.
function reconnect() {
  again = socket !== null;
  if (socket) disconnect();
  else connect();
}

function disconnect() {
  endedHere = true;
  socket.close(1000);
  show();
}

function send(text) {
  text = text.toWellFormed();
  socket.send(text);
  recording.message("out", text);
  const entry = log.add("sent", "\u2192 text", text);
  if (inChat()) undelivered.push(entry);
}

// ping sends a message: a page can send no ping frame.
function ping() {
  const text = `ping ${++pingCount}`;
  send(text);
  const timer = setTimeout(() => {
    pings = pings.filter((ping) => ping.text !== text);
    log.add("state", "pong", `\u201c${text}\u201d was not echoed within ${pingPatience / 1000} s: this server does not echo messages`);
  }, pingPatience);
  pings.push({ text, time: performance.now(), timer });
}

function download() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(recording.blob());
  link.download = `wsx-${new Date().toISOString().slice(0, 19).replace(/[-:]/g, "")}.jsonl`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  if (recording.dropped) log.add("state", "download", `the oldest ${recording.dropped} messages are left out: the page keeps only 64 MiB`);
}

// useName makes the server that gave this page the one to talk to, under a name.
function useName(name) {
  const url = new URL(location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  if (name) url.searchParams.set("name", name);
  else url.searchParams.delete("name");
  part("url").value = url.href;
}

// walk puts an older or newer text into the message field, where the cursor is at its edge.
function walk(event) {
  const field = part("message");
  const up = event.key === "ArrowUp";
  const beyond = up ? field.value.slice(0, field.selectionStart) : field.value.slice(field.selectionEnd);
  if (beyond.includes("\n")) return;
  const text = history.walk(up ? -1 : 1, field.value);
  if (text === undefined) return;
  event.preventDefault();
  field.value = text;
  field.setSelectionRange(text.length, text.length);
}

part("connection").addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket) disconnect();
  else connect();
});

// Enter in the address connects to it, also from another server.
part("url").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  if (part("connection").reportValidity()) reconnect();
});

part("naming").addEventListener("submit", (event) => {
  event.preventDefault();
  useName(part("name").value.trim());
  part("message").focus();
  reconnect();
});

part("conversation").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = part("message");
  if (socket?.readyState !== WebSocket.OPEN || field.value === "") return;
  history.add(field.value);
  send(field.value);
  field.value = "";
  field.focus();
});

part("message").addEventListener("keydown", (event) => {
  if (event.isComposing || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowUp" || event.key === "ArrowDown") walk(event);
  if (event.key !== "Enter") return;
  event.preventDefault();
  part("conversation").requestSubmit();
});

part("filter").addEventListener("input", () => log.filter(part("filter").value));
part("ping").addEventListener("click", ping);
part("download").addEventListener("click", download);
part("clear").addEventListener("click", () => {
  log.clear();
  recording.clear();
});

// The server that gave this page is the first to talk to; ?name= of the page is its ?name=.
const asked = new URLSearchParams(location.search).get("name") ?? "";
part("naming").hidden = behaviour !== "chat";
part("name").value = asked;
useName(asked);
connect();

// The page: its controls and the WebSocket.

import { History } from "./history.js";
import { Log } from "./log.js";
import { failureReason, meaning } from "./reason.js";
import { Recording } from "./recording.js";

const states = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];
const pingTimeout = 10000; // milliseconds
const part = (id) => document.getElementById(id);

const behaviour = document.querySelector("meta[name=behaviour]").content; // of the server of this page
const history = new History();
const recording = new Recording();
const log = new Log({
  log: part("log"), entries: part("entries"), empty: part("empty"), matches: part("matches"), newest: part("newest"),
}, () => part(part("message").disabled ? "url" : "message").focus());

let socket = null;
let hasOpened = false; // the current socket
let endedHere = false; // the current socket was closed by the page
let reconnecting = false; // connect when the current socket has closed
let myName = ""; // the name that the chat of this server has assigned; "" = not in the chat
let undelivered = []; // entries of messages that were sent to the chat and not received back
let pings = []; // ping texts that were sent and not received back, each with its time
let pingCount = 0;

// show updates the page for the ready state of the socket.
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
  handlePong(data);
}

// isDelivery reports whether a text is one that this page sent to the chat. It marks the entry that the log already has as delivered.
function isDelivery(data) {
  if (!inChat() || typeof data !== "string") return false;
  if (!myName) myName = data.match(/^Welcome (.*)\.$/)?.[1] ?? "";
  if (!myName || undelivered.length === 0 || data !== `${myName} says: ${undelivered[0].data}`) return false;
  log.mark(undelivered.shift(), "delivered");
  return true;
}

// inChat reports whether the socket is connected to the chat of the server of this page.
function inChat() {
  return behaviour === "chat" && new URL(socket.url).host === location.host;
}

function handlePong(data) {
  const found = typeof data === "string" ? pings.find((ping) => data.endsWith(ping.text)) : undefined;
  if (!found) return;
  clearTimeout(found.timer);
  pings = pings.filter((ping) => ping !== found);
  log.add("state", "pong", `\u201c${found.text}\u201d was echoed after ${(performance.now() - found.time).toFixed(1)} ms`);
}

function closed(event) {
  if (hasOpened) {
    const text = event.reason || meaning(event.code);
    if (event.code !== 1006) recordClose(event);
    recording.ended(event.code);
    log.add(event.wasClean ? "state" : "error", "close", `${event.code}${text && ` ${text}`}`);
  } else if (endedHere) {
    log.add("state", "close", "given up before the connection was open");
  } else {
    failed(new URL(socket.url));
  }
  forget();
  show();
  if (reconnecting) connect();
  reconnecting = false;
}

// failed adds entries for a failed connection. To find the reason may take seconds.
async function failed(url) {
  log.add("error", "failed", `no connection to ${url.host}`);
  log.add("error", "why", await failureReason(url));
}

// forget resets the state of the current socket.
function forget() {
  for (const ping of pings) clearTimeout(ping.timer);
  const focus = document.activeElement; // a field that is disabled loses the focus, but later
  if (focus === document.body || part("conversation").contains(focus)) part("connect").focus();
  socket = null;
  myName = "";
  undelivered = [];
  pings = [];
}

// recordClose adds both Close frames: a browser answers the server's Close with the same code.
function recordClose(event) {
  recording.close(endedHere ? "out" : "in", event.code, event.reason);
  recording.close(endedHere ? "in" : "out", event.code, "");
}

// reconnect closes the current connection, if any, and connects.
function reconnect() {
  reconnecting = socket !== null;
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

// ping sends a text message, as a page cannot send ping frames.
function ping() {
  const text = `ping ${++pingCount}`;
  send(text);
  const timer = setTimeout(() => {
    pings = pings.filter((ping) => ping.text !== text);
    log.add("state", "pong", `\u201c${text}\u201d was not echoed within ${pingTimeout / 1000} s: this server does not echo messages`);
  }, pingTimeout);
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

// useName sets the URL to that of the server of this page, with a name.
function useName(name) {
  const url = new URL(location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  if (name) url.searchParams.set("name", name);
  else url.searchParams.delete("name");
  part("url").value = url.href;
}

// showHistory puts an older or newer text into the message field, if the cursor is in its first or last line.
function showHistory(event) {
  const field = part("message");
  const up = event.key === "ArrowUp";
  const beyondCursor = up ? field.value.slice(0, field.selectionStart) : field.value.slice(field.selectionEnd);
  if (beyondCursor.includes("\n")) return;
  const text = history.move(up ? -1 : 1, field.value);
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

// Enter in the address field connects to the address, also if the page is connected to another.
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
  if (event.key === "ArrowUp" || event.key === "ArrowDown") showHistory(event);
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

// At first, connect to the server of this page; ?name= of the page becomes ?name= of the WebSocket.
const requestedName = new URLSearchParams(location.search).get("name") ?? "";
part("naming").hidden = behaviour !== "chat";
part("name").value = requestedName;
useName(requestedName);
connect();

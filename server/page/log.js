// The log: an entry for each message and each other event.

import { dumpNode, hex } from "./dump.js";
import { jsonNode } from "./json.js";
import { button, count, element, textNode, visible } from "./text.js";

const maxEntries = 1000;
const maxSize = 16 << 20; // characters and bytes in all entries
const nearEnd = 40; // pixels from the end that count as the end
const filteredBytes = 4096; // number of bytes of a binary message that the filter compares

export class Log {
  // view has the elements: log, entries, empty, matches, newest. onEscape is called for Escape.
  constructor(view, onEscape) {
    this.view = view;
    this.shown = []; // entries in the page
    this.waiting = []; // entries that are not in the page yet
    this.size = 0;
    this.filterText = ""; // in lower case; "" = no filter
    this.following = true; // the log scrolls to new entries
    this.unseen = 0; // number of entries added below the visible part
    this.lastSize = ""; // the size of the log
    view.log.addEventListener("scroll", () => this.#scrolled());
    view.log.addEventListener("keydown", (event) => this.#key(event, onEscape));
    view.newest.addEventListener("click", () => {
      view.log.focus();
      this.#follow();
    });
    new ResizeObserver(() => this.#resized()).observe(view.log);
  }

  // add adds an entry of a kind: received, sent, state or error. what is a word; data is a text or a Uint8Array.
  add(kind, what, data) {
    const entry = { kind, what, data, time: new Date() };
    this.waiting.push(entry);
    if (this.waiting.length > maxEntries) this.waiting.shift();
    if (this.waiting.length === 1) setTimeout(() => this.#flush(), 16);
    return entry;
  }

  // mark adds a word to an entry.
  mark(entry, word) {
    entry.mark = word;
    if (entry.element) entry.element.querySelector(".data").after(element("span", "mark", word));
  }

  clear() {
    this.shown = [];
    this.waiting = [];
    this.size = this.unseen = 0;
    this.view.entries.replaceChildren();
    this.view.empty.hidden = false;
    this.#follow();
    this.#updateCounts();
  }

  // filter shows only the entries that contain a text, ignoring case.
  filter(text) {
    this.filterText = text.toLowerCase();
    for (const entry of this.shown) entry.element.hidden = !this.#matches(entry);
    if (this.following) this.#follow();
    this.#updateCounts();
  }

  #flush() {
    const added = this.waiting;
    this.waiting = [];
    if (added.length === 0) return;
    for (const entry of added) {
      entry.element = draw(entry);
      entry.element.hidden = !this.#matches(entry);
      this.size += entry.data.length;
    }
    this.shown.push(...added);
    this.view.entries.append(...added.map((entry) => entry.element));
    this.view.empty.hidden = true;
    this.#shorten();
    this.unseen += added.filter((entry) => !entry.element.hidden).length;
    if (this.following) this.#follow();
    this.#updateCounts();
  }

  #shorten() {
    let removed = 0;
    while (this.shown.length - removed > maxEntries || (this.size > maxSize && removed < this.shown.length - 1)) {
      this.size -= this.shown[removed].data.length;
      this.shown[removed++].element.remove();
    }
    this.shown.splice(0, removed);
  }

  #matches(entry) {
    if (!this.filterText) return true;
    const data = typeof entry.data === "string" ? entry.data : hex(entry.data.subarray(0, filteredBytes));
    return `${entry.what} ${data}`.toLowerCase().includes(this.filterText);
  }

  // updateCounts shows the number of entries that match the filter, and of new entries below the visible part.
  #updateCounts() {
    const { matches, newest } = this.view;
    const shown = this.shown.filter((entry) => !entry.element.hidden).length;
    const text = this.filterText ? `${shown} of ${this.shown.length} entries` : "";
    if (matches.textContent !== text) matches.textContent = text;
    newest.hidden = this.following || this.unseen === 0;
    newest.textContent = `${this.unseen} new below`;
  }

  #follow() {
    const { log } = this.view;
    this.following = true;
    this.unseen = 0;
    log.scrollTop = log.scrollHeight;
    this.view.newest.hidden = true;
  }

  #resized() {
    const { log } = this.view;
    this.lastSize = [log.clientWidth, log.clientHeight].join();
    if (this.following) this.#follow();
  }

  #scrolled() {
    const { log } = this.view;
    if (this.lastSize !== [log.clientWidth, log.clientHeight].join()) return; // scrolled by a change of the size: #resized is called next
    this.following = log.scrollHeight - log.scrollTop - log.clientHeight < nearEnd;
    if (this.following) this.unseen = 0;
    this.#updateCounts();
  }

  // key moves the focus between entries and their buttons, so that Tab needs one step for the whole log.
  #key(event, onEscape) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const entry = event.target.closest("li");
    const visible = [...this.view.entries.children].filter((li) => !li.hidden);
    const at = visible.indexOf(entry);
    switch (event.key) {
      case "ArrowUp":
        this.#focus(visible[at < 0 ? visible.length - 1 : at - 1]);
        break;
      case "ArrowDown":
        this.#focus(visible[at < 0 ? visible.length - 1 : at + 1]);
        break;
      case "Home":
        this.#focus(visible[0]);
        break;
      case "End":
        this.#focus(visible.at(-1));
        break;
      case "ArrowRight":
      case "ArrowLeft": {
        if (!entry) return;
        const stops = [entry, ...[...entry.querySelectorAll("button")].filter((stop) => stop.checkVisibility())];
        this.#focus(stops[stops.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : -1)]);
        break;
      }
      case "c":
        entry?.querySelector(".copy")?.click();
        break;
      case "Escape":
        onEscape();
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  #focus(element) {
    element?.focus();
    element?.scrollIntoView({ block: "nearest" });
  }
}

function draw(entry) {
  const li = element("li", entry.kind);
  li.tabIndex = -1;
  const data = element("span", "data");
  const isMessage = entry.kind === "received" || entry.kind === "sent";
  if (typeof entry.data !== "string") data.append(dumpNode(entry.data));
  else data.append(...(isMessage ? messageNodes(entry.data) : [textNode(entry.data)]));
  li.append(element("time", "", clock(entry.time)), element("span", "what", entry.what), data);
  if (entry.mark) li.append(element("span", "mark", entry.mark));
  if (isMessage) {
    li.append(element("span", "size", size(entry.data)), button("copy", "Copy", (pressed) => copy(entry, pressed)));
  }
  return li;
}

// messageNodes shows a text as JSON if it is JSON, also after the name of a member of the chat.
function messageNodes(text) {
  const [, name, rest] = text.match(/^([^\n]{1,40} says: )?([^]*)$/);
  const json = jsonNode(rest);
  if (!json) return [textNode(text)];
  return name ? [textNode(name), json] : [json];
}

function size(data) {
  return count(typeof data === "string" ? new TextEncoder().encode(data).length : data.length, "byte");
}

// copy copies a text unchanged, and bytes in hexadecimal.
async function copy(entry, pressed) {
  const text = typeof entry.data === "string" ? entry.data : hex(entry.data);
  try {
    await (navigator.clipboard ? navigator.clipboard.writeText(text) : copyFrom(text));
    pressed.textContent = "Copied";
  } catch {
    pressed.textContent = "Not allowed";
  }
  setTimeout(() => { pressed.textContent = "Copy"; }, 2000);
}

// copyFrom copies if the browser gives the page no clipboard, as over http from another machine.
function copyFrom(text) {
  const focus = document.activeElement;
  const field = element("textarea", "unseen");
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focus?.focus();
  if (!copied) throw new Error("the browser does not allow it");
}

function clock(date) {
  const two = (n, digits = 2) => String(n).padStart(digits, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`;
}

// The log: an entry for each message, and for what else happens.

import { dumpNode, hex } from "./dump.js";
import { jsonNode } from "./json.js";
import { button, count, element, textNode, visible } from "./text.js";

const longest = 1000; // entries
const largest = 16 << 20; // characters and bytes in them
const nearEnd = 40; // pixels from the end that count as the end
const sample = 4096; // bytes of a binary message that the filter looks at

export class Log {
  // view has the elements: log, entries, empty, matches, newest. leave is called for Escape.
  constructor(view, leave) {
    this.view = view;
    this.shown = []; // entries in the page
    this.waiting = []; // entries that are not yet
    this.size = 0;
    this.wanted = ""; // by the filter
    this.following = true; // the end stays in view
    this.unseen = 0; // entries added below what is in view
    this.box = ""; // the size of the log
    view.log.addEventListener("scroll", () => this.#scrolled());
    view.log.addEventListener("keydown", (event) => this.#key(event, leave));
    view.newest.addEventListener("click", () => {
      view.log.focus();
      this.#follow();
    });
    new ResizeObserver(() => this.#resized()).observe(view.log);
  }

  // add makes an entry of a kind: received, sent, state or error. what is a word, data a text or a Uint8Array.
  add(kind, what, data) {
    const entry = { kind, what, data, time: new Date() };
    this.waiting.push(entry);
    if (this.waiting.length > longest) this.waiting.shift();
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
    this.#told();
  }

  // filter shows those entries only that have a text in them, in whatever case.
  filter(text) {
    this.wanted = text.toLowerCase();
    for (const entry of this.shown) entry.element.hidden = !this.#matches(entry);
    if (this.following) this.#follow();
    this.#told();
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
    this.#told();
  }

  #shorten() {
    let gone = 0;
    while (this.shown.length - gone > longest || (this.size > largest && gone < this.shown.length - 1)) {
      this.size -= this.shown[gone].data.length;
      this.shown[gone++].element.remove();
    }
    this.shown.splice(0, gone);
  }

  #matches(entry) {
    if (!this.wanted) return true;
    const data = typeof entry.data === "string" ? entry.data : hex(entry.data.subarray(0, sample));
    return `${entry.what} ${data}`.toLowerCase().includes(this.wanted);
  }

  // told says how many entries the filter shows, and how many are below what is in view.
  #told() {
    const { matches, newest } = this.view;
    const shown = this.shown.filter((entry) => !entry.element.hidden).length;
    const text = this.wanted ? `${shown} of ${this.shown.length} entries` : "";
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
    this.box = [log.clientWidth, log.clientHeight].join();
    if (this.following) this.#follow();
  }

  #scrolled() {
    const { log } = this.view;
    if (this.box !== [log.clientWidth, log.clientHeight].join()) return; // no person has scrolled: resized comes next
    this.following = log.scrollHeight - log.scrollTop - log.clientHeight < nearEnd;
    if (this.following) this.unseen = 0;
    this.#told();
  }

  // key moves between entries and their buttons, so that Tab passes the log in one step.
  #key(event, leave) {
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
        leave();
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

// messageNodes shows a text as JSON if it is some, also behind the name of who says it in the chat.
function messageNodes(text) {
  const [, name, said] = text.match(/^([^\n]{1,40} says: )?([^]*)$/);
  const json = jsonNode(said);
  if (!json) return [textNode(text)];
  return name ? [textNode(name), json] : [json];
}

function size(data) {
  return count(typeof data === "string" ? new TextEncoder().encode(data).length : data.length, "byte");
}

// copy puts a text into the clipboard as it is, and bytes as hexadecimal.
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

// copyFrom copies where the browser has no clipboard for pages, as for http of another machine.
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

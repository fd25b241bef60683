// The texts sent in this tab, for Up and Down. They are kept when the page is reloaded, until the tab is closed.

const maxTexts = 100;
const name = "sent";

export class History {
  constructor() {
    this.sent = load();
    this.position = this.sent.length; // index in sent; the length of sent = the draft
    this.draft = "";
  }

  // add appends a text, unless it repeats the last one or begins with a space.
  add(text) {
    if (text && text[0] !== " " && text !== this.sent.at(-1)) {
      this.sent = [...this.sent, text].slice(-maxTexts);
      save(this.sent);
    }
    this.position = this.sent.length;
    this.draft = "";
  }

  // move returns the text one step older (-1) or newer (1) than the current one; undefined = no such text.
  move(step, current) {
    const position = this.position + step;
    if (position < 0 || position > this.sent.length) return undefined;
    if (this.position === this.sent.length) this.draft = current;
    this.position = position;
    return position === this.sent.length ? this.draft : this.sent[position];
  }
}

// A browser may not allow pages to store anything.
function load() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(name));
    return Array.isArray(stored) ? stored.filter((text) => typeof text === "string") : [];
  } catch {
    return [];
  }
}

function save(sent) {
  try {
    sessionStorage.setItem(name, JSON.stringify(sent));
  } catch {
    // the history ends with the page
  }
}

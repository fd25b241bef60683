// What was sent in this tab, for Up and Down. It survives a reload, and ends with the tab.

const longest = 100; // texts
const name = "sent";

export class History {
  constructor() {
    this.sent = load();
    this.place = this.sent.length; // in sent; its length = the draft
    this.draft = "";
  }

  // add keeps a text, unless it is the one before or begins with a space.
  add(text) {
    if (text && text[0] !== " " && text !== this.sent.at(-1)) {
      this.sent = [...this.sent, text].slice(-longest);
      save(this.sent);
    }
    this.place = this.sent.length;
    this.draft = "";
  }

  // walk is the text that is some steps older (-1) or newer (1) than the present one; undefined = there is none.
  walk(step, present) {
    const place = this.place + step;
    if (place < 0 || place > this.sent.length) return undefined;
    if (this.place === this.sent.length) this.draft = present;
    this.place = place;
    return place === this.sent.length ? this.draft : this.sent[place];
  }
}

// A browser may forbid to store anything.
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

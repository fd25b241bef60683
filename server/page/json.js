// JSON in colours, with objects and arrays that can be folded. The tokens are shown as received: numbers and repeated keys are not
// changed.

import { button, count, element, textNode } from "./text.js";

const maxText = 1 << 20; // characters; longer JSON is shown as text
const maxLine = 60; // maximum number of characters of an object or array that is shown in one line
const rows = 30; // number of rows that are unfolded at first
const nextMembers = 100; // number of members of an object or array that are shown at a time

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+-]*|true|false|null|[[\]{},:]/g;

// jsonNode returns an element that shows a text as JSON; null = the text is not a JSON object or array.
export function jsonNode(text) {
  if (text.length > maxText || !/^\s*[[{]/.test(text)) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const shown = element("span", "json");
  shown.append(new Document(text).value(0, { rows }));
  return shown;
}

// Document has the tokens of a valid text.
class Document {
  constructor(text) {
    this.tokens = [];
    this.starts = [];
    this.ends = []; // for the token that begins an object or array: the index of the token that ends it
    const open = [];
    for (const found of text.matchAll(token)) {
      const at = this.tokens.length;
      this.tokens.push(found[0]);
      this.starts.push(found.index);
      this.ends.push(at);
      if (found[0] === "{" || found[0] === "[") open.push(at);
      if (found[0] === "}" || found[0] === "]") this.ends[open.pop()] = at;
    }
  }

  // value shows the value that begins at a token. It subtracts the rows that it unfolds from the budget.
  value(at, budget) {
    const end = this.ends[at];
    if (end === at) return scalar(this.tokens[at]);
    if (this.starts[end] - this.starts[at] < maxLine) return this.line(at, end);
    return this.container(at, end, budget);
  }

  // line shows an object or array in one line.
  line(at, end) {
    const shown = document.createDocumentFragment();
    for (let i = at; i <= end; i++) {
      if (this.tokens[i] === "," || this.tokens[i] === ":") shown.append(this.tokens[i] + " ");
      else shown.append(this.isKey(i) ? textNode(this.tokens[i], "key") : scalar(this.tokens[i]));
    }
    return shown;
  }

  isKey(at) {
    return this.tokens[at + 1] === ":" && this.tokens[at][0] === '"';
  }

  // members returns the indexes of the first tokens of the members of an object or array.
  members(at, end) {
    const found = [];
    for (let i = at + 1; i < end; i++) {
      found.push(i);
      while (this.tokens[i] !== "," && i < end) i = this.ends[i] + 1;
    }
    return found;
  }

  // container shows an object or array with a row for each member. The rows are created when it is unfolded.
  container(at, end, budget) {
    const members = this.members(at, end);
    const isObject = this.tokens[at] === "{";
    const title = (isObject ? "object with " : "array with ") + count(members.length, isObject ? "member" : "item");
    const shown = element("span", "container");
    const block = element("span", "members");
    const gist = element("span", "gist", ` … ${count(members.length, isObject ? "member" : "item")} `);
    let done = 0;
    const more = (length) => {
      const stop = Math.min(members.length, done + length);
      for (; done < stop; done++) block.append(this.member(members[done], done < members.length - 1, budget));
      if (done === members.length) return;
      block.append(button("more", `… ${count(members.length - done, isObject ? "more member" : "more item")}`, (pressed) => {
        pressed.remove();
        more(nextMembers);
      }));
    };
    const fold = button("fold", "", (pressed) => unfold(pressed.getAttribute("aria-expanded") !== "true"));
    fold.setAttribute("aria-label", title);
    const unfold = (open) => {
      if (open && done === 0) more(nextMembers);
      fold.setAttribute("aria-expanded", String(open));
      block.hidden = !open;
      gist.hidden = open;
    };
    const open = at === 0 || members.length <= budget.rows;
    if (open) budget.rows -= members.length;
    unfold(open);
    budget = { rows: 0 }; // unfolding it later does not unfold its members
    shown.append(fold, this.tokens[at], block, gist, this.tokens[end]);
    return shown;
  }

  member(at, comma, budget) {
    const row = element("span", "member");
    if (this.isKey(at)) {
      row.append(textNode(this.tokens[at], "key"), ": ");
      at += 2;
    }
    row.append(this.value(at, budget), comma ? "," : "");
    return row;
  }
}

function scalar(text) {
  switch (text[0]) {
    case '"':
      return textNode(text, "string");
    case "t":
    case "f":
    case "n":
      return element("span", "word", text);
    case "-":
      return element("span", "number", text);
  }
  return text[0] >= "0" && text[0] <= "9" ? element("span", "number", text) : document.createTextNode(text);
}

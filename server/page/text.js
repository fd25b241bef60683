// Received data is shown as text, never as markup.

// Number of characters shown at first, and by each press of the button for more.
const firstCharacters = 2000;
const nextCharacters = 50000;

// Characters that are invisible or change how the rest is shown: control characters except tab and line feed, and those that change the
// direction of text.
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

// element creates an element with a class and a text.
export function element(tag, className, text) {
  const created = document.createElement(tag);
  if (className) created.className = className;
  if (text !== undefined) created.textContent = text;
  return created;
}

// button creates a button of the log. It is reached with Left and Right, not with Tab.
export function button(className, text, pressed) {
  const created = element("button", className, text);
  created.type = "button";
  created.tabIndex = -1;
  created.addEventListener("click", () => pressed(created));
  return created;
}

// visible returns nodes for a text, with hidden characters as escapes.
export function visible(text) {
  const nodes = document.createDocumentFragment();
  let done = 0;
  for (const found of text.matchAll(hidden)) {
    nodes.append(text.slice(done, found.index), element("span", "escape", escape(found[0])));
    done = found.index + 1;
  }
  nodes.append(text.slice(done));
  return nodes;
}

function escape(character) {
  return "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0");
}

// textNode returns an element that shows a text, or the beginning of a long text and a button for more.
export function textNode(text, className) {
  const shown = element("span", className);
  let end = 0;
  const more = (length) => {
    const begin = end;
    end = Math.min(text.length, boundary(text, begin + length));
    shown.append(visible(text.slice(begin, end)));
    if (end === text.length) return;
    shown.append(button("more", `… ${count(text.length - end, "more character")}`, (pressed) => {
      pressed.remove();
      more(nextCharacters);
    }));
  };
  more(firstCharacters);
  return shown;
}

// boundary returns the first index from at on that does not split a surrogate pair.
function boundary(text, at) {
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before < 0xdc00 ? at + 1 : at;
}

// count returns a number with its noun.
export function count(n, noun) {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}

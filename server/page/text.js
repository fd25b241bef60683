// What is received is shown as text, never as markup.

// How many characters of a text are shown at first, and how many more each time.
const firstPart = 2000;
const nextPart = 50000;

// What would change how the rest is shown, or would not be seen: control characters but tab and line feed, and those that
// change the direction of writing.
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

// element makes an element of a class with a text.
export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// button makes a button of the log: it is reached with Left and Right, not with Tab.
export function button(className, text, pressed) {
  const made = element("button", className, text);
  made.type = "button";
  made.tabIndex = -1;
  made.addEventListener("click", () => pressed(made));
  return made;
}

// visible makes nodes of a text, its hidden characters as escapes.
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

// textNode shows a text; of a long one the beginning, and a button for more.
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
      more(nextPart);
    }));
  };
  more(firstPart);
  return shown;
}

// boundary is a place at or after another that does not cut a surrogate pair.
function boundary(text, at) {
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before < 0xdc00 ? at + 1 : at;
}

// count is a number with its noun.
export function count(n, noun) {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}

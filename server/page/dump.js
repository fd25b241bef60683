// Bytes as a hexdump: offset, hexadecimal, ASCII.

import { button, count, element } from "./text.js";

// How many bytes are shown at first, and how many more each time.
const firstPart = 256;
const nextPart = 4096;

const narrow = matchMedia("(max-width: 40rem)");
const drawn = new WeakMap(); // element: what draws it anew

narrow.addEventListener("change", () => {
  for (const shown of document.querySelectorAll(".dump")) drawn.get(shown)();
});

// dumpNode shows bytes, 16 in a row, or 8 on a narrow screen.
export function dumpNode(bytes) {
  const shown = element("span", "dump");
  let length = firstPart;
  const draw = () => {
    const end = Math.min(bytes.length, length);
    shown.replaceChildren(dump(bytes.subarray(0, end), narrow.matches ? 8 : 16));
    if (end === bytes.length) return;
    shown.append(button("more", `… ${count(bytes.length - end, "more byte")}`, () => {
      length += nextPart;
      draw();
    }));
  };
  drawn.set(shown, draw);
  draw();
  return shown;
}

function dump(bytes, columns) {
  const rows = [];
  const digits = columns < 16 && bytes.length <= 0x10000 ? 4 : 8; // of an offset
  for (let at = 0; at < bytes.length; at += columns) {
    const row = bytes.subarray(at, at + columns);
    rows.push(`${at.toString(16).padStart(digits, "0")}  ${hex(row).padEnd(3 * columns - 1)}  ${ascii(row)}\n`);
  }
  return rows.join("");
}

// hex is bytes as hexadecimal, a space between them.
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function ascii(bytes) {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
}

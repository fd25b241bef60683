// Bytes as a hexdump: offset, hexadecimal, ASCII.

import { button, count, element } from "./text.js";

// Number of bytes shown at first, and by each press of the button for more.
const firstBytes = 256;
const nextBytes = 4096;

const narrow = matchMedia("(max-width: 40rem)");
const redraw = new WeakMap(); // maps the element of a dump to the function that redraws it

narrow.addEventListener("change", () => {
  for (const shown of document.querySelectorAll(".dump")) redraw.get(shown)();
});

// dumpNode shows bytes, 16 in a row, or 8 on a narrow screen.
export function dumpNode(bytes) {
  const shown = element("span", "dump");
  let length = firstBytes;
  const draw = () => {
    const end = Math.min(bytes.length, length);
    shown.replaceChildren(dump(bytes.subarray(0, end), narrow.matches ? 8 : 16));
    if (end === bytes.length) return;
    shown.append(button("more", `… ${count(bytes.length - end, "more byte")}`, () => {
      length += nextBytes;
      draw();
    }));
  };
  redraw.set(shown, draw);
  draw();
  return shown;
}

function dump(bytes, columns) {
  const rows = [];
  const digits = columns < 16 && bytes.length <= 0x10000 ? 4 : 8; // number of digits of an offset
  for (let offset = 0; offset < bytes.length; offset += columns) {
    const row = bytes.subarray(offset, offset + columns);
    rows.push(`${offset.toString(16).padStart(digits, "0")}  ${hex(row).padEnd(3 * columns - 1)}  ${ascii(row)}\n`);
  }
  return rows.join("");
}

// hex returns bytes in hexadecimal, separated by spaces.
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function ascii(bytes) {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
}

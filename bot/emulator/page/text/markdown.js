// Discord's markdown by lines: headings, small print, lists, quotes, code.

import { node } from "../base/dom.js";
import { inline } from "./inline.js";

const FENCE = /```(?:([\w+-]*)\n)?([\s\S]*?)```/g;
const HEADING = /^(#{1,3}) (.+)/;
const SMALL = /^-# (.+)/;
const ITEM = /^( *)([-*]|\d{1,9}\.) (.+)/;

export function markdown(text, words) {
  const out = node("div.text");
  let at = 0;
  for (const fence of text.matchAll(FENCE)) {
    lines(out, text.slice(at, fence.index).replace(/\n$/, ""), words);
    out.append(node("pre", { dataset: { language: fence[1] ?? "" } }, node("code", {}, fence[2].replace(/\n$/, ""))));
    at = fence.index + fence[0].length;
  }
  lines(out, at ? text.slice(at).replace(/^\n/, "") : text, words);
  if (onlyEmoji(text)) out.classList.add("large");
  return out;
}

const onlyEmoji = (text) => text.length < 60 && /^(?:\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}\uFE0F\u200D\s]*)+$/u.test(text);

function lines(out, text, words) {
  if (!text) return;
  const all = text.split("\n");
  let run = [];
  const flush = () => {
    if (run.length) out.append(node("p", {}, ...inline(run.join("\n"), words)));
    run = [];
  };
  for (let at = 0; at < all.length; at += 1) {
    const line = all[at];
    const [heading, small, item] = [HEADING, SMALL, ITEM].map((one) => one.exec(line));
    if (/^>>> /.test(line)) {
      flush();
      out.append(quote([line.slice(4), ...all.slice(at + 1)], words));
      return;
    }
    if (/^> ?/.test(line) && line !== ">") {
      flush();
      const until = all.findIndex((one, index) => index > at && !/^> /.test(one));
      const end = until === -1 ? all.length : until;
      out.append(quote(all.slice(at, end).map((one) => one.replace(/^> ?/, "")), words));
      at = end - 1;
    } else if (heading || small) {
      flush();
      out.append(heading ? node(`h${heading[1].length + 2}`, {}, ...inline(heading[2], words)) : node("small", {}, ...inline(small[1], words)));
    } else if (item) {
      flush();
      addItem(out, item, words);
    } else run.push(line);
  }
  flush();
}

function quote(inside, words) {
  const made = node("blockquote");
  lines(made, inside.join("\n"), words);
  return made;
}

// A list goes on where the one before ended; deeper indentation opens a list inside its last item.
function addItem(out, [, indent, mark, words], names) {
  const tag = /\d/.test(mark) ? "OL" : "UL";
  let home = out;
  for (let depth = Math.min(Math.floor(indent.length / 2), 3); depth > 0; depth -= 1) {
    const inner = home.lastElementChild?.matches("ul, ol") ? home.lastElementChild.lastElementChild : null;
    if (!inner) break;
    home = inner;
  }
  if (home.lastElementChild?.nodeName !== tag || home.lastChild !== home.lastElementChild) {
    home.append(node(tag.toLowerCase(), tag === "OL" ? { start: parseInt(mark, 10) } : {}));
  }
  home.lastElementChild.append(node("li", {}, ...inline(words, names)));
}

// Discord's markdown within a line, as elements: nothing from a message is ever read as HTML.

import { node } from "../base/dom.js";
import { fullTime, stamp } from "./times.js";

const RULES = [
  [/^\\([*_~`|\\<>#[\]().-])/, (m) => m[1]],
  [/^``([\s\S]+?)``(?!`)/, (m) => node("code", {}, m[1])],
  [/^`([^`]+)`/, (m) => node("code", {}, m[1])],
  [/^\*\*\*([\s\S]+?)\*\*\*(?!\*)/, (m, w) => node("em", {}, node("strong", {}, ...inline(m[1], w)))],
  [/^\*\*([\s\S]+?)\*\*(?!\*)/, (m, w) => node("strong", {}, ...inline(m[1], w))],
  [/^__([\s\S]+?)__(?!_)/, (m, w) => node("u", {}, ...inline(m[1], w))],
  [/^~~([\s\S]+?)~~/, (m, w) => node("s", {}, ...inline(m[1], w))],
  [/^\|\|([\s\S]+?)\|\|/, (m, w) => spoiler(inline(m[1], w))],
  [/^\*(?=\S)((?:\*\*|[^*])+?)\*(?!\*)/, (m, w) => node("em", {}, ...inline(m[1], w))],
  [/^_(?=\S)([^_]+?)_(?!\w)/, (m, w) => node("em", {}, ...inline(m[1], w))],
  [/^<@!?(\d+)>/, (m, w) => mention(`@${w.person(m[1])}`, { who: m[1] })],
  [/^<@&(\d+)>/, (m, w) => role(w.role(m[1]))],
  [/^<#(\d+)>/, (m, w) => mention(`#${w.channel(m[1])}`, { go: m[1] })],
  [/^<\/([-_\p{L}\p{N} ]{1,98}):\d+>/u, (m) => mention(`/${m[1]}`, { type: m[1] })],
  [/^<a?:(\w{2,32}):\d+>/, (m) => node("span", { title: `:${m[1]}:` }, `:${m[1]}:`)],
  [/^<t:(-?\d{1,13})(?::([tTdDfFsSR]))?>/, (m, w) => time(Number(m[1]), m[2], w)],
  [/^@(?:everyone|here)\b/, (m) => mention(m[0], {})],
  [/^\[([^\]]+)\]\(<?(https?:\/\/[^\s)>]+)>?\)/, (m, w) => link(m[2], inline(m[1], w))],
  [/^<(https?:\/\/[^\s>]+)>/, (m) => link(m[1], [m[1]])],
  [/^https?:\/\/[^\s<>]*[^\s<>.,:;"')\]]/, (m) => link(m[0], [m[0]])],
];
const SPECIAL = /[\\`*_~|<@[h]/g;

// Returns nodes and strings. `words` tells the names behind ids: {person(id), channel(id), role(id), now()}.
export function inline(text, words) {
  const found = [];
  let plain = "";
  for (let at = 0; at < text.length; ) {
    const hit = match(text, at);
    if (hit) {
      if (plain) found.push(plain);
      plain = "";
      found.push(hit[1](hit[0], words));
      at += hit[0][0].length;
      continue;
    }
    SPECIAL.lastIndex = at + 1;
    const next = SPECIAL.exec(text)?.index ?? text.length;
    plain += text.slice(at, next);
    at = next;
  }
  return plain ? [...found, plain] : found;
}

function match(text, at) {
  const rest = text.slice(at);
  for (const [pattern, make] of RULES) {
    const found = pattern.exec(rest);
    if (found && !(found[0][0] === "_" && /\w/.test(text[at - 1] ?? ""))) return [found, make];
  }
  return null;
}

export function link(href, children) {
  return node("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

function mention(words, dataset) {
  const acts = Object.keys(dataset).length > 0;
  return node(acts ? "button.mention" : "span.mention", { type: acts ? "button" : undefined, dataset }, words);
}

function role(one) {
  const made = node("span.mention", {}, `@${one?.name ?? "unknown role"}`);
  if (one?.colour) made.style.setProperty("--role", `#${one.colour.toString(16).padStart(6, "0")}`);
  return made;
}

function spoiler(children) {
  return node("span.spoiler", { role: "button", tabIndex: 0, "aria-label": "Spoiler: press to reveal", dataset: { act: "reveal" } }, node("span", {}, ...children));
}

function time(at, style, words) {
  const made = node("time.stamp", { title: fullTime(new Date(at * 1000)) }, stamp(at, style, words.now()));
  if (style === "R") made.dataset.relative = at;
  return made;
}

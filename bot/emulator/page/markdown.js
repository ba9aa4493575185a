// Discord's simple markdown, built as nodes: nothing from a message is ever read as HTML.

const INLINE = [
  [/^```(?:\w*\n)?([\s\S]+?)```/, (m) => node("pre", {}, node("code", {}, m[1]))],
  [/^`([^`]+)`/, (m) => node("code", {}, m[1])],
  [/^\*\*([\s\S]+?)\*\*/, (m, w) => node("strong", {}, ...inline(m[1], w))],
  [/^__([\s\S]+?)__/, (m, w) => node("u", {}, ...inline(m[1], w))],
  [/^~~([\s\S]+?)~~/, (m, w) => node("s", {}, ...inline(m[1], w))],
  [/^\|\|([\s\S]+?)\|\|/, (m, w) => spoiler(inline(m[1], w))],
  [/^\*([^\s*][^*]*)\*/, (m, w) => node("em", {}, ...inline(m[1], w))],
  [/^_([^\s_][^_]*)_(?!\w)/, (m, w) => node("em", {}, ...inline(m[1], w))],
  [/^<@!?(\d+)>/, (m, w) => node("span", { className: "mention" }, `@${w.person(m[1])}`)],
  [/^<#(\d+)>/, (m, w) => node("span", { className: "mention" }, `#${w.channel(m[1])}`)],
  [/^<t:(\d+)(?::\w)?>/, (m) => node("time", {}, new Date(m[1] * 1000).toLocaleString())],
  [/^\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/, (m, w) => link(m[2], inline(m[1], w))],
  [/^https?:\/\/[^\s<>)]+/, (m) => link(m[0], [m[0]])],
  [/^\\([*_~`|\\<>#[\]-])/, (m) => m[1]],
];

export function node(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function link(href, children) {
  return node("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

function spoiler(children) {
  const made = node("span", { className: "spoiler" }, ...children);
  made.addEventListener("click", () => made.classList.add("open"));
  return made;
}

function inline(text, words) {
  const found = [];
  let plain = "";
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const hit = INLINE.map(([pattern, make]) => [pattern.exec(rest), make]).find(([match]) => match);
    if (hit) {
      if (plain) found.push(plain);
      plain = "";
      found.push(hit[1](hit[0], words));
      at += hit[0][0].length;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  return plain ? [...found, plain] : found;
}

// `words` tells the names behind ids: {person(id), channel(id)}.
export function markdown(text, words) {
  const out = node("div", { className: "text" });
  const lines = text.split("\n");
  let run = [];
  const flush = () => {
    if (run.length) out.append(...inline(run.join("\n"), words));
    run = [];
  };
  let fenced = false;
  for (const line of lines) {
    const heading = /^(#{1,3}) (.+)/.exec(line);
    const small = /^-# (.+)/.exec(line);
    const item = /^[-*] (.+)/.exec(line);
    const quote = /^> (.*)/.exec(line);
    if ((line.match(/```/g) || []).length % 2) fenced = !fenced;
    if (fenced || !(heading || small || item || quote)) {
      run.push(line);
      continue;
    }
    flush();
    if (heading) out.append(node(`h${heading[1].length + 2}`, {}, ...inline(heading[2], words)));
    else if (small) out.append(node("small", {}, ...inline(small[1], words)), "\n");
    else if (item) listAtEnd(out).append(node("li", {}, ...inline(item[1], words)));
    else out.append(node("blockquote", {}, ...inline(quote[1], words)));
  }
  flush();
  return out;
}

function listAtEnd(out) {
  if (out.lastChild?.nodeName !== "UL") out.append(node("ul", {}));
  return out.lastChild;
}

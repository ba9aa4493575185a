// Embeds, the older way to lay out a message.

import { node } from "../base/dom.js";
import { inline, link } from "../text/inline.js";
import { markdown } from "../text/markdown.js";
import { fullTime } from "../text/times.js";
import { colour } from "./components.js";
import { medium } from "./media.js";

// `uploads` are the message's files: an embed may name one of them as attachment://name.
export function embed(one, { store }, uploads) {
  const made = node("article.embed");
  if (one.color !== undefined && one.color !== null) made.style.setProperty("--edge", colour(one.color));
  const words = node("div.words");
  if (one.author) words.append(node("p.author", {}, picture(one.author.icon_url, uploads, "small"), one.author.url ? link(one.author.url, [one.author.name]) : one.author.name));
  if (one.title) words.append(node("h4", {}, ...(one.url ? [link(one.url, inline(one.title, store))] : inline(one.title, store))));
  if (one.description) words.append(markdown(one.description, store));
  if (one.fields?.length) words.append(node("div.fields", {}, ...one.fields.map((each) => field(each, store))));
  made.append(words);
  if (one.thumbnail) made.append(picture(one.thumbnail, uploads, "thumbnail") ?? "");
  if (one.image) made.append(picture(one.image, uploads, "image") ?? "");
  const at = one.timestamp ? fullTime(new Date(one.timestamp)) : null;
  const foot = [one.footer?.text, at].filter(Boolean).join(" · ");
  if (foot) made.append(node("p.foot", {}, picture(one.footer?.icon_url, uploads, "small"), foot));
  return made;
}

function field(one, store) {
  const made = node("div.field", {}, node("b", {}, ...inline(one.name, store)), markdown(one.value, store));
  if (one.inline) made.dataset.inline = "";
  return made;
}

function picture(given, uploads, kind) {
  const one = typeof given === "string" ? { url: given } : given;
  if (!one?.url) return null;
  const upload = one.url.startsWith("attachment://") ? uploads.find((each) => each.filename === one.url.slice(13)) : null;
  if (!upload && !/^https?:/.test(one.url)) return null;
  const shown = medium({ ...one, ...upload, content_type: "image/*" }, { thumbnail: kind !== "image" });
  shown.classList.add(kind);
  return shown;
}

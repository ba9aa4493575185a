// Pictures, films and files of a message. A picture that changes stays until the next one has loaded, at its height.

import { icon, node } from "../base/dom.js";

const isPicture = (one) => one.content_type?.startsWith("image/");
const isFilm = (one) => one.content_type?.startsWith("video/");
const isSound = (one) => one.content_type?.startsWith("audio/");
const placeOf = (url) => new URL(url, location.href).pathname;

export const fileSize = (bytes) =>
  bytes < 1024 ? `${bytes} B` : bytes < 1e6 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1048576).toFixed(1)} MiB`;

// The plain attachments of a message: pictures and films as a mosaic, the rest as files.
export function attachments(list) {
  const shown = list.filter((one) => isPicture(one) || isFilm(one));
  const rest = list.filter((one) => !shown.includes(one));
  const parts = [];
  if (shown.length) {
    parts.push(mosaic(shown.map((one) => ({ media: one, description: one.description, spoiler: one.filename.startsWith("SPOILER_") })), "plain"));
  }
  for (const one of rest) parts.push(isSound(one) ? sound(one) : file(one.url, one.filename, one.size));
  return parts;
}

export const gallery = (items) => mosaic(items, "filled");

function mosaic(items, kind) {
  return node("div.gallery", { dataset: { count: items.length, kind } }, ...items.map((one) => medium(one.media, one)));
}

export function medium(one, { description, spoiler, thumbnail = false } = {}) {
  const made = isFilm(one) ? film(one) : picture(one, description);
  if (thumbnail) made.classList.add("thumbnail");
  if (spoiler) {
    made.dataset.veiled = "";
    made.append(node("button.veil", { type: "button", dataset: { act: "unveil" } }, icon("eye"), "Spoiler"));
  }
  if (description) made.append(node("button.alt", { type: "button", title: "Description of the picture", dataset: { act: "alt", alt: description } }, "ALT"));
  return made;
}

function picture(one, description) {
  const img = node("img", { alt: description ?? "", decoding: "async", dataset: { src: one.url, file: one.attachment_id ?? one.id } });
  if (one.width) Object.assign(img.dataset, { width: one.width, height: one.height });
  const open = node("button.open", { type: "button", dataset: { act: "open" }, "aria-label": description ? `Open picture: ${description}` : "Open picture" }, img);
  return node("div.medium", {}, open);
}

// A playing film goes on when an edit leaves it as it is: see loadMedia.
function film(one) {
  const video = node("video", { controls: true, loop: true, muted: true, playsInline: true, preload: "metadata", dataset: { src: one.url } });
  if (one.width) Object.assign(video.dataset, { width: one.width, height: one.height });
  return node("div.medium.film", {}, video);
}

function sound(one) {
  return node("div.sound", {}, node("span", {}, one.filename), node("audio", { controls: true, preload: "metadata", dataset: { src: one.url } }));
}

export function file(url, name, size, spoiler = false) {
  const made = node(
    "a.file",
    { href: url, target: "_blank", rel: "noopener noreferrer" },
    icon("file"),
    node("span", {}, node("b", {}, name ?? "File"), node("small", {}, size === null || size === undefined ? "" : fileSize(Number(size)))),
    icon("download"),
  );
  if (!spoiler) return made;
  const veiled = node("div.medium.veiled-file", { dataset: { veiled: "" } }, made);
  veiled.append(node("button.veil", { type: "button", dataset: { act: "unveil" } }, icon("eye"), "Spoiler"));
  return veiled;
}

const turns = new WeakMap(); // picture → {asked, shown}: which of its addresses came last

// Lets what `root` shows load: new pictures at once, changed ones behind the old. `steady(change)` holds the scroll.
export function loadMedia(root, steady) {
  for (const one of root.querySelectorAll("[data-src]")) {
    const next = { ...one.dataset };
    if (one.src && placeOf(one.src) === placeOf(next.src)) continue;
    if (one.nodeName === "IMG" && one.src) swapLater(one, next, steady);
    else show(one, next);
  }
}

// Every picture that loads is shown, unless a later one is there already: in haste there is always something newer.
function swapLater(one, next, steady) {
  if (one.dataset.ownNext === placeOf(next.src)) return;
  one.dataset.ownNext = placeOf(next.src);
  const turn = turns.get(one) ?? { asked: 0, shown: 0 };
  turns.set(one, turn);
  turn.asked += 1;
  const own = turn.asked;
  const loader = new Image();
  const swap = () => {
    if (own < turn.shown) return;
    turn.shown = own;
    steady(() => show(one, next));
  };
  loader.addEventListener("load", () => loader.decode().then(swap, swap));
  loader.addEventListener("error", () => own === turn.asked && swap());
  loader.src = next.src;
}

// A picture's box has its shape before it has loaded, and the old shape until the next has: nothing jumps.
function show(one, { src, width, height, file }) {
  if (width) {
    const box = one.closest(".medium");
    Object.assign(one, { width, height });
    box.dataset.ownStyle = "";
    box.style.setProperty("--ratio", String(width / height));
    box.style.setProperty("--own", `${width}px`);
  }
  one.src = src;
  if (file) one.dataset.attachment = file;
}

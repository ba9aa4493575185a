// Files that wait to be sent: chosen, pasted or dropped, shown in a tray.

import { icon, iconButton, node } from "../base/dom.js";
import { fileSize } from "../message/media.js";

export class Files {
  list = [];

  // `changed()` hears of every change; `full(sentence)` of files that did not fit.
  constructor({ most = 10, changed = () => {}, full = () => {}, input = node("input", { type: "file", hidden: true }) } = {}) {
    Object.assign(this, { most, changed, full, input });
    this.input.multiple = most > 1;
    this.tray = node("div.tray", { hidden: true });
    this.input.addEventListener("change", () => {
      this.take([...this.input.files]);
      this.input.value = "";
    });
  }

  choose() {
    this.input.click();
  }

  take(files) {
    const room = this.most === 1 ? 1 : this.most - this.list.length;
    if (files.length > room) this.full(`A message holds ${this.most} files at most.`);
    this.list = this.most === 1 ? files.slice(0, 1) : [...this.list, ...files.slice(0, room)];
    this.show();
  }

  clear() {
    this.list = [];
    this.show();
  }

  show() {
    this.tray.hidden = !this.list.length;
    this.tray.replaceChildren(...this.list.map((file) => this.card(file)));
    this.changed();
  }

  card(file) {
    const away = iconButton("close", `Leave out ${file.name}`);
    away.addEventListener("click", () => {
      this.list = this.list.filter((one) => one !== file);
      this.show();
    });
    const words = node("span.words", {}, node("b", {}, file.name), node("small", {}, fileSize(file.size)));
    return node("figure.waiting", { dataset: { file: file.name } }, thumbnail(file), words, away);
  }

  dropOn(target) {
    dropZone(target, (files) => this.take(files));
  }
}

export function thumbnail(file) {
  if (!file.type.startsWith("image/")) return node("span.thumb", {}, icon("file"));
  const img = node("img.thumb", { alt: "" });
  img.src = URL.createObjectURL(file);
  const done = () => URL.revokeObjectURL(img.src);
  img.addEventListener("load", done, { once: true });
  img.addEventListener("error", done, { once: true });
  return img;
}

// Lets files be dropped on `target`, which shows it by data-over.
export function dropZone(target, taken) {
  const over = (on) => target.toggleAttribute("data-over", on);
  target.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    over(true);
  });
  target.addEventListener("dragleave", (event) => !target.contains(event.relatedTarget) && over(false));
  target.addEventListener("drop", (event) => {
    over(false);
    const files = [...event.dataTransfer.files];
    if (!files.length) return;
    event.preventDefault();
    event.stopPropagation();
    taken(files);
  });
}

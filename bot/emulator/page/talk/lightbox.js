// Pictures at full size: zoom to 100 %, arrows through the message's pictures, the original to open or keep.

import { $, icon, iconButton, node } from "../base/dom.js";

export class Lightbox {
  constructor() {
    this.dialog = $("lightbox");
    this.img = node("img", { alt: "" });
    this.stage = node("div.stage", {}, this.img);
    this.words = node("p");
    this.count = node("span.count");
    this.zoomButton = iconButton("zoom", "Actual size (Z)", { dataset: { box: "zoom" } });
    this.original = node("a.quiet", { target: "_blank", rel: "noopener noreferrer", title: "Open the original", "aria-label": "Open the original", dataset: { box: "original" } }, icon("out"));
    const keep = iconButton("download", "Keep the picture", { dataset: { box: "download" } });
    const close = iconButton("close", "Close (Esc)", { dataset: { box: "close" } });
    this.back = iconButton("left", "Previous picture", { className: "quiet side back" });
    this.next = iconButton("right", "Next picture", { className: "quiet side next" });
    this.dialog.append(node("header", {}, this.count, this.zoomButton, this.original, keep, close), this.stage, this.back, this.next, this.words);
    close.addEventListener("click", () => this.dialog.close());
    keep.addEventListener("click", () => this.download());
    this.zoomButton.addEventListener("click", () => this.zoom());
    this.back.addEventListener("click", () => this.step(-1));
    this.next.addEventListener("click", () => this.step(1));
    this.stage.addEventListener("click", (event) => (event.target === this.img ? this.zoom(event) : this.dialog.close()));
    this.dialog.addEventListener("keydown", (event) => this.key(event));
  }

  // Opens the picture in `button`; the others of its message follow.
  open(button) {
    const row = button.closest("[data-message]") ?? button.parentElement;
    this.all = [...row.querySelectorAll(".medium:not(.small) .open img")].filter((one) => !one.closest("[data-veiled]:not([data-own-open])"));
    this.at = this.all.indexOf(button.querySelector("img"));
    this.dialog.showModal();
    this.show();
  }

  show() {
    const one = this.all[this.at];
    Object.assign(this.img, { src: one.src, alt: one.alt });
    this.words.textContent = one.alt;
    this.words.hidden = !one.alt;
    this.original.href = one.src;
    this.count.textContent = this.all.length > 1 ? `${this.at + 1} of ${this.all.length}` : "";
    this.back.hidden = this.next.hidden = this.all.length < 2;
    this.stage.classList.remove("actual");
  }

  step(by) {
    if (this.all.length < 2) return;
    this.at = (this.at + by + this.all.length) % this.all.length;
    this.show();
  }

  // Between the whole picture and its own pixels, kept under the pointer.
  zoom(event) {
    const box = this.img.getBoundingClientRect();
    const [x, y] = event ? [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height] : [0.5, 0.5];
    const actual = this.stage.classList.toggle("actual");
    if (!actual) return;
    this.stage.scrollLeft = this.img.offsetWidth * x - this.stage.clientWidth / 2;
    this.stage.scrollTop = this.img.offsetHeight * y - this.stage.clientHeight / 2;
  }

  async download() {
    const { src } = this.img;
    const data = await fetch(src).then((answer) => (answer.ok ? answer.blob() : null)).catch(() => null);
    if (!data) {
      Object.assign(this.words, { textContent: "The picture is no longer there. Load the page again for a fresh address.", hidden: false });
      return;
    }
    const link = node("a", { href: URL.createObjectURL(data), download: decodeURIComponent(new URL(src).pathname.split("/").at(-1)) });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  key(event) {
    const acts = { ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1), z: () => this.zoom(), Z: () => this.zoom() };
    // At actual size the arrows move the picture.
    if (!acts[event.key] || (event.key.startsWith("Arrow") && this.stage.classList.contains("actual"))) return;
    event.preventDefault();
    acts[event.key]();
  }
}

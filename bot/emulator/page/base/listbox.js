// A list to choose from, steered from the field that owns it. Used by commands, option fields, selects and the palette.

import { icon, node } from "./dom.js";

let count = 0;

// `chosen(item)` hears of a pick. Items: {value, label, description, mark: <an element before the label>, dataset, off}.
export class Listbox {
  constructor({ label, chosen, many = false, empty = "Nothing fits." }) {
    Object.assign(this, { chosen, many, empty, items: [], at: 0, picked: new Set() });
    this.id = `list-${(count += 1)}`;
    this.element = node("div.listbox", { role: "listbox", id: this.id, "aria-label": label, "aria-multiselectable": many ? "true" : null });
    this.element.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    this.element.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.pick(Number(option.dataset.at));
    });
    this.element.addEventListener("pointermove", (event) => {
      const option = event.target.closest("[role=option]");
      if (option && Number(option.dataset.at) !== this.at) this.mark(Number(option.dataset.at), false);
    });
  }

  show(items, { at = 0, words = this.empty } = {}) {
    this.items = items;
    this.element.replaceChildren(...items.map((one, index) => this.option(one, index)));
    if (!items.length) this.element.append(node("p.empty", {}, words));
    this.mark(Math.min(at, items.length - 1), true);
  }

  option(one, index) {
    const words = node("span.words", {}, node("b", {}, one.label), one.description ? node("small", {}, one.description) : null);
    const made = node("div", { role: "option", id: `${this.id}-${index}`, dataset: { at: index, value: one.value ?? "", ...one.dataset } }, one.mark, words, one.extra);
    if (this.many) made.append(node("span.tick", {}, icon("check")));
    else if (this.picked.has(one.value)) made.append(icon("check"));
    if (this.many || this.picked.size) made.setAttribute("aria-checked", String(this.picked.has(one.value)));
    return made;
  }

  mark(at, scroll) {
    this.at = at;
    [...this.element.querySelectorAll("[role=option]")].forEach((one, index) => one.setAttribute("aria-selected", String(index === at)));
    const option = this.element.querySelector(`#${this.id}-${at}`);
    if (scroll) option?.scrollIntoView({ block: "nearest" });
    if (option) this.owner?.setAttribute("aria-activedescendant", option.id);
    else this.owner?.removeAttribute("aria-activedescendant");
  }

  pick(at) {
    const one = this.items[at];
    if (!one || one.off) return;
    if (this.many) {
      if (this.picked.has(one.value)) this.picked.delete(one.value);
      else this.picked.add(one.value);
      this.show(this.items, { at });
    }
    this.chosen(one);
  }

  // Takes a keydown of the owner; returns whether it was one for the list.
  key(event, keys = ["Enter", "Tab"]) {
    const last = this.items.length - 1;
    if (last < 0 || event.isComposing) return false;
    const to = { ArrowDown: this.at >= last ? 0 : this.at + 1, ArrowUp: this.at <= 0 ? last : this.at - 1 }[event.key];
    if (to === undefined && !(keys.includes(event.key) && !event.shiftKey)) return false;
    event.preventDefault();
    if (to === undefined) this.pick(Math.max(this.at, 0));
    else this.mark(to, true);
    return true;
  }
}

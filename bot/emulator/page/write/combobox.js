// A field with a list of suggestions: choices, autocomplete, people, channels, roles.

import { node } from "../base/dom.js";
import { float } from "../base/float.js";
import { Listbox } from "../base/listbox.js";

const DEBOUNCE_MS = 200;

export class Combobox {
  // `source(text)` gives items, now or later; with `free`, what is typed counts as it is; `slow` waits between keys.
  constructor({ label, placeholder = "", source, free = false, slow = false, changed = () => {} }) {
    Object.assign(this, { source, free, slow, changed, chosen: null, turn: 0 });
    this.list = new Listbox({ label, chosen: (one) => this.take(one) });
    this.input = node("input", { type: "text", role: "combobox", placeholder, autocomplete: "off", spellcheck: false, "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id });
    this.list.owner = this.input;
    this.input.addEventListener("focus", () => this.suggest());
    this.input.addEventListener("click", () => this.close || this.suggest());
    this.input.addEventListener("input", () => {
      this.chosen = null;
      this.stale = this.slow; // what is listed answers an earlier text
      this.changed();
      this.suggest(this.slow ? DEBOUNCE_MS : 0);
    });
    this.input.addEventListener("blur", () => this.shut());
    this.input.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (!this.close) {
      if (event.key === "ArrowDown") this.suggest();
      return;
    }
    if (event.key === "Tab" && (this.free || !this.input.value)) return;
    if (event.key === "Enter" && this.stale) return;
    if (this.list.key(event)) event.stopPropagation();
  }

  suggest(after = 0) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fetch(), after);
  }

  async fetch() {
    this.turn += 1;
    const turn = this.turn;
    const text = this.chosen ? "" : this.input.value;
    let items = [];
    let words;
    try {
      items = await this.source(text);
    } catch (error) {
      words = error.message;
    }
    if (turn !== this.turn || document.activeElement !== this.input) return;
    Object.assign(this, { items, stale: false });
    if (!items.length && this.free && !words) {
      this.shut();
      return;
    }
    this.list.show(items, { words });
    if (this.close) return;
    this.input.setAttribute("aria-expanded", "true");
    const panel = node("div.suggestions", {}, this.list.element);
    this.close = float(panel, this.input.closest(".pill") ?? this.input, { side: "above", sheet: false, closed: () => this.closed() });
  }

  shut() {
    clearTimeout(this.timer);
    this.turn += 1;
    this.close?.();
  }

  closed() {
    this.close = null;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  take(one) {
    this.chosen = one;
    this.input.value = one.label;
    this.shut();
    this.changed();
  }

  // The chosen value; undefined where nothing is; null where what is typed is none of the choices.
  value() {
    const typed = this.input.value;
    if (this.chosen) return this.chosen.value;
    if (!typed.trim()) return undefined;
    if (this.free) return typed;
    const same = (this.items ?? []).find((one) => one.label.toLowerCase() === typed.trim().toLowerCase());
    return same ? same.value : null;
  }
}

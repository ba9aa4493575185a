// Ctrl+K: to any channel, or to chat as any person, by a few letters.

import { $, icon, node } from "../base/dom.js";
import { Listbox } from "../base/listbox.js";
import { face } from "../message/row.js";

const SHOWN = 12;

export class Palette {
  constructor(store, go) {
    Object.assign(this, { store, go });
    this.dialog = $("palette");
    this.list = new Listbox({ label: "Channels and people", chosen: (one) => this.take(one), empty: "No channel or person has that name." });
    this.field = node("input", { type: "text", role: "combobox", placeholder: "Where to, or as whom?", autocomplete: "off", "aria-label": "Find a channel or person", "aria-expanded": "true", "aria-controls": this.list.id });
    this.list.owner = this.field;
    this.field.addEventListener("input", () => this.search());
    this.field.addEventListener("keydown", (event) => this.list.key(event));
    this.dialog.append(node("div.search", {}, icon("search"), this.field), this.list.element);
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    document.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (this.dialog.open) this.dialog.close();
      else this.open();
    });
  }

  open = () => {
    if (document.querySelector("dialog[open]")) return;
    this.field.value = "";
    this.dialog.showModal();
    this.search();
    this.field.focus();
  };

  search() {
    const { store } = this;
    const typed = this.field.value.trim().toLowerCase().replace(/^[#@]/, "");
    const channels = [...store.channels.values()].map((one) => ({
      value: one.id,
      label: store.title(one),
      description: store.guilds.get(one.guild_id)?.name ?? "Direct messages",
      mark: icon(one.guild_id ? (one.kind === "thread" ? "thread" : "hash") : one.kind === "group" ? "group" : "direct"),
      place: { channel: one.id },
      dataset: { jump: one.guild_id ? one.name : one.kind },
    }));
    const people = [...store.people.values()].map((one) => ({
      value: one.id,
      label: one.display,
      description: one.id === store.me ? "you chat as" : "chat as",
      mark: face(one.id, one.display, store),
      place: { person: one.id },
      dataset: { jump: one.username },
    }));
    const rank = (one) => (one.label.toLowerCase().startsWith(typed) ? 0 : 1);
    const found = [...channels, ...people].filter((one) => one.label.toLowerCase().includes(typed)).sort((a, b) => rank(a) - rank(b));
    this.list.show(found.slice(0, SHOWN));
  }

  take(one) {
    this.dialog.close();
    this.go(one.place);
  }
}

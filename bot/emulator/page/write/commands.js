// The commands that this person may use in this place, from the emulator.

import { ask } from "../base/link.js";

const CHAT_INPUT = 1;
const INNER = new Set([1, 2]); // subcommand, subcommand group

export class Commands {
  list = [];

  constructor(store) {
    this.store = store;
    store.on("commands", () => this.load());
    store.on("here", () => this.load());
    store.on("places", () => this.load());
  }

  async load() {
    const { me: person, here: channel } = this.store;
    if (!person || !channel) return;
    const { commands } = await ask("commands", { query: { person, channel } }).catch(() => ({ commands: [] }));
    if (person !== this.store.me || channel !== this.store.here) return;
    this.list = commands;
    this.store.tell("usable");
  }

  ofType = (type) => this.list.filter((one) => (one.type ?? CHAT_INPUT) === type);

  // One entry for each command that can be run: {path: "preset save", shown: "preset save", description, options}.
  leaves() {
    const found = [];
    const add = (path, shown, one) => {
      const inner = (one.options ?? []).filter((option) => INNER.has(option.type));
      for (const option of inner) add(`${path} ${option.name}`, `${shown} ${nameOf(option)}`, option);
      if (!inner.length) found.push({ path, shown, description: describe(one), options: one.options ?? [] });
    };
    for (const one of this.ofType(CHAT_INPUT)) add(one.name, nameOf(one), one);
    return found.sort((a, b) => a.shown.localeCompare(b.shown));
  }
}

export const nameOf = (one) => one.name_localized ?? one.name;
export const describe = (one) => one.description_localized ?? one.description ?? "";

// One option of a command as a field: what it takes, and what is wrong with what is in it.

import { icon, iconButton, node } from "../base/dom.js";
import { mark } from "../talk/chooser.js";
import { Combobox } from "./combobox.js";
import { describe, nameOf } from "./commands.js";
import { dropZone, Files, thumbnail } from "./files.js";

export const [STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT] = [3, 4, 5, 6, 7, 8, 9, 10, 11];
const ENTITIES = { [USER]: ["user"], [CHANNEL]: ["channel"], [ROLE]: ["role"], [MENTIONABLE]: ["user", "role"] };
const TRUTH = [{ value: true, label: "True" }, { value: false, label: "False" }];

// `context`: {store, complete(option, text), changed(), removed(field)}
export class Field {
  constructor(option, context) {
    Object.assign(this, { option, context });
    const id = `option-${option.name}`;
    this.control = option.type === ATTACHMENT ? this.picker() : this.typed();
    Object.assign(this.control, { id });
    this.control.dataset.option = option.name;
    this.control.setAttribute("aria-describedby", "command-hint");
    if (option.required) this.control.setAttribute("aria-required", "true");
    const needed = option.required ? node("span.needed", { title: "required" }, "*") : null;
    this.element = node("div.pill", { dataset: { pill: option.name } }, node("label", { htmlFor: id }, nameOf(option), needed), this.control);
    if (option.type === ATTACHMENT) this.element.append(this.files.input);
    if (!option.required) {
      const away = iconButton("close", `Leave out ${nameOf(option)}`);
      away.addEventListener("click", () => context.removed(this));
      this.element.append(away);
    }
  }

  get hint() {
    const { option } = this;
    const [low, high] = [option.min_value ?? option.min_length, option.max_value ?? option.max_length];
    const unit = option.type === STRING ? " characters" : "";
    const range = low !== undefined && high !== undefined ? `${low} to ${high}${unit}` : low !== undefined ? `at least ${low}${unit}` : high !== undefined ? `at most ${high}${unit}` : "";
    return [describe(option), range].filter(Boolean).join(" · ");
  }

  typed() {
    const { option, context } = this;
    if (option.choices?.length) this.box = this.combobox({ source: among(option.choices.map((one) => ({ value: one.value, label: nameOf(one) }))) });
    else if (option.autocomplete) this.box = this.combobox({ free: true, slow: true, source: (text) => context.complete(option, text) });
    else if (option.type === BOOLEAN) this.box = this.combobox({ source: among(TRUTH) });
    else if (ENTITIES[option.type]) this.box = this.combobox({ source: (text) => among(this.entities())(text) });
    if (this.box) return this.box.input;
    const numeric = option.type === INTEGER ? "numeric" : option.type === NUMBER ? "decimal" : undefined;
    const input = node("input", { type: "text", inputMode: numeric, autocomplete: "off", maxLength: 6000, placeholder: numeric ? "0" : "" });
    input.addEventListener("input", () => context.changed());
    return input;
  }

  combobox(given) {
    return new Combobox({ label: nameOf(this.option), placeholder: given.free ? "Type" : "Choose", changed: () => this.context.changed(), ...given });
  }

  entities() {
    const all = this.context.store.choices(ENTITIES[this.option.type], this.option.channel_types);
    return all.map((one) => ({ ...one, mark: mark(one, this.context.store) }));
  }

  picker() {
    this.files = new Files({ most: 1, changed: () => this.showFile() });
    const picker = node("button.picker", { type: "button" });
    picker.addEventListener("click", () => this.files.choose());
    dropZone(picker, (files) => this.files.take(files));
    this.control = picker;
    this.showFile();
    return picker;
  }

  showFile() {
    const [file] = this.files.list;
    if (file) this.control.dataset.file = file.name;
    else delete this.control.dataset.file;
    this.control.replaceChildren(...(file ? [thumbnail(file), node("span", {}, file.name)] : [icon("picture"), node("span", {}, "Choose, paste or drop a file")]));
    this.context.changed();
  }

  // What is in it: undefined where nothing is.
  value() {
    if (this.files) return this.files.list[0];
    const value = this.box ? this.box.value() : this.control.value;
    if (value === undefined || value === null || value === "") return undefined;
    return this.option.type === INTEGER || this.option.type === NUMBER ? Number(value) : value;
  }

  // What is wrong, as a sentence; null where nothing is.
  problem() {
    const { option } = this;
    const name = `“${nameOf(option)}”`;
    if (this.box?.value() === null) return `${name}: choose one of the list.`;
    const value = this.value();
    if (value === undefined) return option.required ? `${name} is required.` : null;
    if (option.type === INTEGER && !Number.isSafeInteger(value)) return `${name} takes a whole number.`;
    if (option.type === NUMBER && !Number.isFinite(value)) return `${name} takes a number.`;
    if (value < option.min_value) return `${name} is at least ${option.min_value}.`;
    if (value > option.max_value) return `${name} is at most ${option.max_value}.`;
    if (option.type !== STRING) return null;
    if (value.length < option.min_length) return `${name} has at least ${option.min_length} characters.`;
    if (value.length > option.max_length) return `${name} has at most ${option.max_length} characters; these are ${value.length}.`;
    return null;
  }

  say(wrong) {
    this.control.setAttribute("aria-invalid", String(Boolean(wrong)));
  }
}

const among = (items) => (text) => items.filter((one) => `${one.label} ${one.description ?? ""}`.toLowerCase().includes(text.trim().toLowerCase()));

// A command that is being filled in: what is required and the first file at once, the rest as chips to add.

import { ask } from "../base/link.js";
import { $, iconButton, node } from "../base/dom.js";
import { describe, nameOf } from "./commands.js";
import { ATTACHMENT, Field } from "./fields.js";

const SHOWN_AT_ONCE = 3; // so few options need no chips

export class CommandForm {
  // `left()` hears that the person leaves it.
  constructor(store, left) {
    Object.assign(this, { store, left, command: null, fields: [] });
    this.element = $("command");
    this.element.addEventListener("focusin", (event) => this.hint(event.target.dataset?.option));
  }

  open(command) {
    this.command = command;
    const few = command.options.length <= SHOWN_AT_ONCE;
    const firstFile = command.options.find((one) => one.type === ATTACHMENT);
    const shown = command.options.filter((one) => few || one.required || one === firstFile);
    this.fields = shown.map((one) => this.field(one));
    this.pills = node("div.pills", {}, ...this.fields.map((one) => one.element));
    this.chips = node("div.chips", { role: "group", "aria-label": "More options" });
    this.help = node("p.hint", { id: "command-hint" }, command.description);
    const away = iconButton("close", "Leave the command (Esc)");
    away.addEventListener("click", () => this.left());
    const head = node("div.head", {}, node("b", {}, `/${command.shown}`), this.help, away);
    this.element.replaceChildren(head, this.pills, this.chips);
    this.element.hidden = false;
    this.showChips();
  }

  close() {
    Object.assign(this, { command: null, fields: [] });
    this.element.replaceChildren();
    this.element.hidden = true;
  }

  focus() {
    (this.fields.find((one) => one.value() === undefined) ?? this.fields[0])?.control.focus();
  }

  field(option) {
    return new Field(option, {
      store: this.store,
      complete: (one, text) => this.complete(one, text),
      changed: () => this.fields.forEach((one) => one.say(null)),
      removed: (one) => this.remove(one),
    });
  }

  showChips() {
    const rest = this.command.options.filter((one) => !this.fields.some((field) => field.option === one));
    this.chips.hidden = !rest.length;
    this.chips.replaceChildren(...rest.map((one) => this.chip(one)));
  }

  chip(option) {
    const made = node("button.chip", { type: "button", title: describe(option), dataset: { chip: option.name } }, `+ ${nameOf(option)}`);
    made.addEventListener("click", () => this.add(option).control.focus());
    return made;
  }

  add(option) {
    const field = this.field(option);
    this.fields.push(field);
    this.pills.append(field.element);
    this.showChips();
    return field;
  }

  remove(field) {
    this.fields = this.fields.filter((one) => one !== field);
    field.element.remove();
    this.showChips();
    (this.chips.querySelector("button") ?? this.pills.querySelector("input, .picker") ?? $("send")).focus();
  }

  hint(name) {
    const field = this.fields.find((one) => one.option.name === name);
    this.help.textContent = field?.hint || this.command?.description || "";
  }

  // Puts files into the fields that take some; returns those that found no place.
  take(files) {
    const rest = [...files];
    const places = [...this.fields.filter((one) => one.files)];
    for (const option of this.command.options) {
      if (option.type === ATTACHMENT && !places.some((one) => one.option === option) && places.length < rest.length) places.push(this.add(option));
    }
    const empty = places.filter((one) => !one.files.list.length);
    for (const place of empty.length ? empty : places.slice(0, 1)) if (rest.length) place.files.take([rest.shift()]);
    return rest;
  }

  // The first thing that is wrong, as a sentence, with its field in focus.
  problem() {
    for (const field of this.fields) {
      const sentence = field.problem();
      field.say(sentence);
      if (sentence) {
        field.control.focus();
        return sentence;
      }
    }
    return null;
  }

  read(fields = this.fields) {
    const options = {};
    const files = [];
    for (const field of fields) {
      const value = field.value();
      if (value instanceof File) files.push([field.option.name, value]);
      else if (value !== undefined) options[field.option.name] = value;
    }
    return { options, files };
  }

  async complete(option, text) {
    const { options } = this.read(this.fields.filter((one) => !one.problem()));
    const body = { person: this.store.me, channel: this.store.here, command: this.command.path, options: { ...options, [option.name]: text }, focused: option.name };
    const { choices } = await ask("autocomplete", { body });
    return choices.map((one) => ({ value: one.value, label: nameOf(one) }));
  }
}

// Where a person writes: plain messages, and commands with their options as fields.

import { node } from "./markdown.js";

const SUBCOMMAND = 1;
const GROUP = 2;
const USER = 6;
const ATTACHMENT = 11;
const CHECKED = 5;
const NUMBERS = new Set([4, 10]);

// A command with subcommands gives one entry for each: {name: "preset save", description, options}.
export function flatten(commands) {
  const found = [];
  const add = (name, one) => {
    const inner = (one.options ?? []).filter((option) => option.type === SUBCOMMAND || option.type === GROUP);
    if (inner.length) inner.forEach((option) => add(`${name} ${option.name}`, option));
    else found.push({ name, description: one.description, options: one.options ?? [] });
  };
  commands.filter((command) => command.type === 1).forEach((command) => add(command.name, command));
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

export class Composer {
  // `chat`: {commands(), choices(type), run(name, options, files), write(text, file)}
  constructor(chat) {
    this.chat = chat;
    this.command = null;
    this.files = new Map(); // option name → File; "" is a plain message's
    for (const id of ["composer", "menu", "command", "pending", "slash", "attach", "text", "file", "trouble", "drop"]) {
      this[id === "command" ? "form" : id] = document.getElementById(id);
    }
    this.picked = "";
    this.listen();
  }

  listen() {
    this.composer.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.slash.addEventListener("click", () => (this.menu.hidden ? this.openMenu("") : this.closeMenu()));
    this.attach.addEventListener("click", () => this.pick(this.attachmentOption() ?? ""));
    this.file.addEventListener("change", () => {
      if (this.file.files[0]) this.take(this.file.files[0], this.picked || (this.attachmentOption() ?? ""));
      this.file.value = "";
    });
    this.text.addEventListener("input", () => {
      const typed = this.text.value;
      if (typed.startsWith("/") && !this.command) this.openMenu(typed.slice(1));
      else this.closeMenu();
    });
    this.text.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("paste", (event) => {
      const file = event.clipboardData?.files[0];
      if (!file) return;
      event.preventDefault();
      this.take(file, this.attachmentOption() ?? "");
    });
    const main = document.querySelector("main");
    main.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.drop.hidden = false;
    });
    main.addEventListener("dragleave", (event) => {
      if (!main.contains(event.relatedTarget)) this.drop.hidden = true;
    });
    main.addEventListener("drop", (event) => {
      event.preventDefault();
      this.drop.hidden = true;
      const file = event.dataTransfer.files[0];
      if (file) this.take(file, event.target.closest?.(".picker")?.dataset.option ?? this.attachmentOption() ?? "");
    });
  }

  key(event) {
    const options = [...this.menu.querySelectorAll("button")];
    const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "Escape") {
      if (this.menu.hidden) this.choose(null);
      this.closeMenu();
    } else if (!this.menu.hidden && options.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      const next = (at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
      options.forEach((one, index) => one.setAttribute("aria-selected", String(index === next)));
      options[next].scrollIntoView({ block: "nearest" });
    } else if (!this.menu.hidden && options.length && ["Enter", "Tab"].includes(event.key)) {
      event.preventDefault();
      options[Math.max(at, 0)].click();
    }
  }

  openMenu(typed) {
    const found = this.chat.commands().filter((one) => one.name.startsWith(typed.toLowerCase()));
    const entries = found.map((one, index) => {
      const entry = node("button", { type: "button", role: "option" }, node("b", {}, `/${one.name}`), node("span", {}, one.description));
      entry.dataset.command = one.name;
      entry.setAttribute("aria-selected", String(index === 0));
      entry.addEventListener("click", () => this.choose(one));
      return entry;
    });
    const none = this.chat.commands().length ? "No command begins like that." : "The bot has not registered any command yet.";
    this.menu.replaceChildren(...(entries.length ? entries : [node("p", {}, none)]));
    this.menu.hidden = false;
  }

  closeMenu() {
    this.menu.hidden = true;
  }

  choose(command) {
    this.closeMenu();
    this.complain("");
    const loose = this.files.get("");
    this.command = command;
    this.files.clear();
    this.text.value = "";
    this.text.hidden = Boolean(command);
    this.form.hidden = !command;
    if (command) {
      const close = node("button", { type: "button", ariaLabel: "Leave the command" }, "✕");
      close.addEventListener("click", () => this.choose(null));
      const head = node("div", { className: "head" }, node("b", {}, `/${command.name}`), node("span", {}, command.description), close);
      this.form.replaceChildren(head, ...command.options.map((option) => this.field(option)));
    }
    if (loose) this.take(loose, this.attachmentOption() ?? "");
    this.showPending();
    (command ? this.form.querySelector("input, select, .picker") : this.text)?.focus();
  }

  field(option) {
    const label = node("span", {}, option.name, " ", node("small", {}, option.description, option.required ? "" : " (optional)"));
    const input = this.input(option);
    input.dataset.option = option.name;
    return node(option.type === ATTACHMENT ? "div" : "label", { className: "field" }, label, input);
  }

  input(option) {
    if (option.type === ATTACHMENT) {
      const picker = node("button", { type: "button", className: "picker" }, "Choose, paste or drop a picture");
      picker.addEventListener("click", () => this.pick(option.name));
      return picker;
    }
    const choices = option.choices?.map((one) => ({ label: one.name, value: one.value })) ?? (option.type === USER ? this.chat.choices(5) : null);
    if (choices) return node("select", {}, node("option", { value: "" }, "–"), ...choices.map((one) => node("option", { value: one.value }, one.label)));
    if (option.type === CHECKED) return node("input", { type: "checkbox" });
    if (!NUMBERS.has(option.type)) return node("input", { type: "text", maxLength: option.max_length ?? 6000 });
    const made = node("input", { type: "number", step: option.type === 4 ? 1 : "any" });
    if (option.min_value !== undefined) made.min = option.min_value;
    if (option.max_value !== undefined) made.max = option.max_value;
    return made;
  }

  attachmentOption() {
    const names = (this.command?.options ?? []).filter((one) => one.type === ATTACHMENT).map((one) => one.name);
    return names.find((name) => !this.files.has(name)) ?? names[0];
  }

  pick(option) {
    this.picked = option;
    this.file.click();
  }

  take(file, option) {
    this.files.set(option, file);
    this.complain("");
    if (!option) {
      this.showPending();
      return;
    }
    const picker = this.form.querySelector(`.picker[data-option="${CSS.escape(option)}"]`);
    picker.dataset.file = file.name;
    picker.replaceChildren(thumbnail(file), `${file.name} · ${size(file.size)}`);
  }

  showPending() {
    const file = this.files.get("");
    this.pending.hidden = !file;
    if (!file) return;
    const away = node("button", { type: "button", ariaLabel: "Do not send it" }, "✕");
    away.addEventListener("click", () => {
      this.files.delete("");
      this.showPending();
    });
    this.pending.replaceChildren(thumbnail(file), `${file.name} · ${size(file.size)}`, away);
  }

  complain(sentence) {
    this.trouble.textContent = sentence;
    this.trouble.hidden = !sentence;
  }

  async send() {
    const { command } = this;
    const files = new Map(this.files);
    const text = this.text.value.trim();
    if (!command && !text && !files.size) return;
    if (!command && text.startsWith("/")) {
      this.complain(`There is no command ${text.split(" ")[0]}: choose one from the list.`);
      return;
    }
    const missing = command?.options.find((one) => one.required && !this.value(one) && !files.has(one.name));
    if (missing) {
      this.complain(`The option “${missing.name}” is required.`);
      return;
    }
    const options = {};
    for (const one of command?.options ?? []) {
      const value = this.value(one);
      if (value !== "" && value !== undefined) options[one.name] = value;
    }
    this.choose(null);
    this.files.clear();
    this.showPending();
    try {
      await (command ? this.chat.run(command.name, options, files) : this.chat.write(text, files));
    } catch (error) {
      this.complain(error.message);
    }
  }

  value(option) {
    if (option.type === ATTACHMENT) return undefined;
    const input = this.form.querySelector(`[data-option="${CSS.escape(option.name)}"]`);
    if (option.type === CHECKED) return input.checked ? true : "";
    if (input.value === "") return "";
    return NUMBERS.has(option.type) ? Number(input.value) : input.value;
  }
}

const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1048576).toFixed(1)} MiB`);

function thumbnail(file) {
  if (!file.type.startsWith("image/")) return node("span", {}, "📄");
  const img = node("img", { alt: "" });
  img.src = URL.createObjectURL(file);
  img.addEventListener("load", () => URL.revokeObjectURL(img.src), { once: true });
  return img;
}

// Where a person writes: messages of several lines with files, replies, and the way into commands.

import { ask } from "../base/link.js";
import { $, icon, iconButton, node } from "../base/dom.js";
import { Listbox } from "../base/listbox.js";
import { excerpt } from "../message/row.js";
import { CommandForm } from "./command.js";
import { Commands, nameOf } from "./commands.js";
import { dropZone, Files } from "./files.js";

const TYPING_EVERY_MS = 5000;
const MAX_LENGTH = 4000;

export class Composer {
  reply = null;
  drafts = new Map(); // "person channel" → what was typed there
  typedAt = 0;

  // `editLast()` edits the person's newest message and returns whether there is one.
  constructor(store, editLast) {
    Object.assign(this, { store, editLast });
    this.commands = new Commands(store);
    this.text = $("text");
    this.trouble = $("trouble");
    this.files = new Files({ input: $("file"), full: (sentence) => this.complain(sentence) });
    this.files.tray.id = "pending";
    $("pending").replaceWith(this.files.tray);
    this.form = new CommandForm(store, () => this.leave());
    this.menu = new Listbox({ label: "Commands", chosen: (one) => this.begin(one.command) });
    this.menu.owner = this.text;
    $("menu").append(this.menu.element);
    this.listen();
  }

  listen() {
    $("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    $("composer").addEventListener("keydown", (event) => this.key(event));
    $("slash").addEventListener("click", () => ($("menu").hidden ? this.type("/") : this.closeMenu()));
    $("attach").addEventListener("click", () => (this.form.command ? this.form.fields.find((one) => one.files)?.files.choose() : this.files.choose()));
    this.text.addEventListener("input", () => this.typed());
    this.text.addEventListener("blur", () => setTimeout(() => $("composer").contains(document.activeElement) || this.closeMenu(), 0));
    document.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      this.take(files);
    });
    dropZone($("conversation"), (files) => this.take(files));
    this.store.on("usable", () => $("menu").hidden || this.openMenu());
  }

  focus() {
    this.text.focus();
  }

  type(words) {
    this.leave();
    this.text.value = words;
    this.focus();
    this.typed();
  }

  insert(words) {
    this.text.setRangeText(words, this.text.selectionStart, this.text.selectionEnd, "end");
    this.focus();
    this.typed();
  }

  typed() {
    this.complain("");
    this.grow();
    if (this.text.value.startsWith("/") && !this.text.value.includes("\n")) this.openMenu();
    else this.closeMenu();
    const now = Date.now();
    if (!this.store.here || !this.text.value || this.text.value.startsWith("/") || now - this.typedAt < TYPING_EVERY_MS) return;
    this.typedAt = now;
    ask("typing", { body: this.store.asked() }).catch(() => {}); // nobody misses it
  }

  // Browsers without field-sizing are told the height.
  grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight}px`;
  }

  key(event) {
    if (event.isComposing) return;
    const inText = event.target === this.text;
    if (inText && !$("menu").hidden && this.menu.key(event)) return;
    if (event.key === "Escape") {
      if (!$("menu").hidden) this.closeMenu();
      else if (this.form.command) this.leave();
      else if (this.reply) this.replyTo(null);
      else return;
      event.preventDefault();
    } else if (event.key === "Enter" && !event.shiftKey && (inText || event.target.matches("#command input"))) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && inText && !this.text.value && this.editLast()) event.preventDefault();
  }

  // The list of commands

  openMenu() {
    const typed = this.text.value.slice(1).toLowerCase();
    const all = this.commands.leaves();
    const fits = (one) => one.shown.toLowerCase().startsWith(typed) || one.path.startsWith(typed);
    const loose = (one) => !fits(one) && typed && one.shown.toLowerCase().includes(typed);
    const items = [...all.filter(fits), ...all.filter(loose)].map((one) => this.entry(one));
    const words = all.length ? `No command begins with “/${typed}”.` : "There is no command to use here: either the app has registered none yet, or none for this place.";
    $("menu").hidden = false;
    this.menu.show(items, { words });
  }

  entry(command) {
    const options = command.options.slice(0, 4).map((one) => node("span", { className: one.required ? "needs" : "" }, nameOf(one)));
    return { value: command.path, label: `/${command.shown}`, description: command.description, dataset: { command: command.path }, command, extra: node("span.takes", {}, ...options) };
  }

  closeMenu() {
    $("menu").hidden = true;
    this.text.removeAttribute("aria-activedescendant");
  }

  begin(command) {
    this.closeMenu();
    this.complain("");
    this.replyTo(null);
    this.text.value = "";
    $("composer").classList.add("commanding");
    this.form.open(command);
    const waiting = this.files.list;
    this.files.clear();
    if (waiting.length) this.take(waiting);
    this.form.focus();
    if (!command.options.length) $("send").focus();
  }

  leave() {
    this.complain("");
    if (!this.form.command) return;
    this.form.close();
    $("composer").classList.remove("commanding");
    this.focus();
  }

  // Files

  take(files) {
    this.complain("");
    const rest = this.form.command ? this.form.take(files) : files;
    if (!rest.length) return;
    if (this.form.command) this.complain(`/${this.form.command.shown} takes no further file.`);
    else this.files.take(rest);
  }

  // Replies and drafts

  replyTo(message) {
    this.reply = message;
    const bar = $("replying");
    bar.hidden = !message;
    if (!message) return;
    const away = iconButton("close", "No reply (Esc)");
    away.addEventListener("click", () => this.replyTo(null));
    bar.replaceChildren(icon("reply"), node("span", {}, "Replying to ", node("b", {}, message.author.display)), node("span.excerpt", {}, excerpt(message)), away);
    this.focus();
  }

  keepDraft() {
    const key = `${this.store.me} ${this.store.here}`;
    this.drafts.set(key, { text: this.text.value, files: this.files.list });
  }

  // Comes to another place or person with what was typed there before.
  arrive() {
    const channel = this.store.place;
    const name = channel.guild_id ? `#${channel.name}` : this.store.title(channel);
    this.text.placeholder = `Message ${name}`;
    if (!this.arrived) {
      this.arrived = true; // what was typed while the page was loading stays
      return;
    }
    this.leave();
    this.replyTo(null);
    const { text, files } = this.drafts.get(`${this.store.me} ${this.store.here}`) ?? { text: "", files: [] };
    this.text.value = text;
    this.files.list = files;
    this.files.show();
    this.typedAt = 0;
    this.grow();
    this.closeMenu();
  }

  complain(sentence) {
    this.trouble.textContent = sentence;
    this.trouble.hidden = !sentence;
  }

  async report(asked) {
    try {
      await asked;
    } catch (error) {
      this.complain(error.message);
    }
  }

  // Sends what is there. It is kept where it cannot be sent.
  async send() {
    if (this.sending || !this.store.here) return;
    const asked = this.form.command ? this.asCommand() : this.asMessage();
    if (!asked) return;
    this.sending = true;
    $("send").setAttribute("aria-busy", "true");
    try {
      await ask(asked.route, asked);
      this.sent(Boolean(this.form.command));
    } catch (error) {
      this.complain(error.message);
    } finally {
      this.sending = false;
      $("send").removeAttribute("aria-busy");
    }
  }

  sent(command) {
    if (command) return this.leave();
    this.text.value = "";
    this.grow();
    this.files.clear();
    this.replyTo(null);
    this.typedAt = 0;
    return undefined;
  }

  asCommand() {
    const wrong = this.form.problem();
    this.complain(wrong ?? "");
    if (wrong) return null;
    const { options, files } = this.form.read();
    return { route: "commands", body: { ...this.store.asked(), command: this.form.command.path, options, wait: false }, files };
  }

  asMessage() {
    const content = this.text.value.trim();
    const files = this.files.list.map((file, index) => [`files[${index}]`, file]);
    if (!content && !files.length) return null;
    if (/^\/\S/.test(content) && !files.length) {
      this.complain(`There is no command ${content.split(/\s/)[0]} here: choose one from the list.`);
      return null;
    }
    if (content.length > MAX_LENGTH) {
      this.complain(`A message has at most ${MAX_LENGTH} characters; these are ${content.length}.`);
      return null;
    }
    return { route: "messages", body: { ...this.store.asked(), content, ...(this.reply && { reply_to: this.reply.id }) }, files };
  }
}

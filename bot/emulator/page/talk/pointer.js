// What a person does with messages: presses, menus, reactions, edits. One set of listeners for all rows.

import { ask } from "../base/link.js";
import { $, icon } from "../base/dom.js";
import { openMenu } from "../base/float.js";
import { isLoading, isOwn } from "../message/row.js";
import { openChooser } from "./chooser.js";
import { pickEmoji, quickRow } from "./emoji.js";

const LONG_PRESS_MS = 500;

export class Pointer {
  // `tools`: {timeline, composer, lightbox, go(place), people: personMenu}
  constructor(store, tools) {
    Object.assign(this, { store, ...tools });
    this.list = $("messages");
    this.list.addEventListener("click", (event) => this.click(event));
    this.list.addEventListener("contextmenu", (event) => this.context(event, event.target, { x: event.clientX, y: event.clientY }));
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("pointerdown", (event) => this.longPress(event));
    this.list.addEventListener("submit", (event) => event.preventDefault());
  }

  message = (target) => this.timeline.messages.get(target.closest("[data-message]")?.dataset.message);

  click(event) {
    const target = event.target.closest("[data-act], [data-go], [data-who], [data-type]");
    if (!target) return;
    const { act, go, who, type } = target.dataset;
    if (go) this.go({ channel: go });
    else if (type) this.composer.type(`/${type}`);
    else if (who && act !== "jump") this.openPerson(who, target);
    else this.act(act, target, this.message(target));
  }

  act(act, target, message) {
    const acts = {
      press: () => this.press(message, target.dataset.customId),
      choose: () => openChooser(target, message, this.store, (values) => this.press(message, target.dataset.customId, values)),
      open: () => this.lightbox.open(target, message),
      unveil: () => target.closest("[data-veiled]").toggleAttribute("data-own-open", true),
      reveal: () => target.toggleAttribute("data-own-open", true),
      alt: () => target.toggleAttribute("data-own-open"),
      react: () => this.react(message, target.dataset.emojiId ? `${target.dataset.emoji}:${target.dataset.emojiId}` : target.dataset.emoji, target.getAttribute("aria-pressed") === "true"),
      emoji: () => pickEmoji(target, (emoji) => this.react(message, emoji, false)),
      reply: () => this.composer.replyTo(message),
      edit: () => this.edit(message),
      more: () => this.openMessage(message, target),
      jump: () => this.timeline.jump(target.dataset.to),
      dismiss: () => this.tell(message, ask("dismiss", { body: { person: this.store.me, message: message.id } }).then(() => this.timeline.remove(message.id))),
      away: () => this.dismissAct(target.closest("[data-interaction]")),
    };
    acts[act]?.();
  }

  // Says under the message what could not be done.
  async tell(message, asked) {
    try {
      await asked;
    } catch (error) {
      this.store.note(message.id, error.message);
    }
  }

  async press(message, customId, values) {
    const body = { person: this.store.me, message: message.id, custom_id: customId, wait: false, ...(values && { values }) };
    try {
      await ask("press", { body });
    } catch (error) {
      this.store.note(message.id, error.message, customId);
    }
  }

  react(message, emoji, remove) {
    return this.tell(message, ask("reactions", { body: { person: this.store.me, message: message.id, emoji, remove } }));
  }

  delete(message) {
    return this.tell(message, ask(`messages/${message.id}`, { method: "DELETE", query: { person: this.store.me } }));
  }

  dismissAct(row) {
    this.timeline.acts.delete(row.dataset.interaction);
    row.remove();
  }

  // Editing in place

  edit(message) {
    if (!message || !isOwn(message, this.store)) return;
    this.stopEditing();
    this.store.editing = message.id;
    this.timeline.redraw(message.id);
    const field = this.timeline.find(message.id).querySelector(".editor textarea");
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  editLast() {
    const own = [...this.timeline.messages.values()].filter((one) => isOwn(one, this.store) && one.content);
    const newest = own.reduce((a, b) => (a && BigInt(a.id) > BigInt(b.id) ? a : b), null);
    if (newest) this.edit(newest);
    return Boolean(newest);
  }

  stopEditing() {
    const id = this.store.editing;
    this.store.editing = null;
    if (id) this.timeline.redraw(id);
  }

  async saveEdit(message, content) {
    if (content === message.content) return this.leaveEdit();
    if (!content) return this.store.note(message.id, "An empty message cannot be saved: delete it instead.");
    try {
      await ask(`messages/${message.id}`, { method: "PATCH", body: { person: this.store.me, content } });
      this.store.notes.delete(message.id);
      this.leaveEdit();
    } catch (error) {
      this.store.note(message.id, error.message);
    }
  }

  leaveEdit() {
    this.stopEditing();
    this.composer.focus();
  }

  // Keys within the list

  key(event) {
    const message = this.message(event.target);
    const editing = event.target.closest(".editor");
    if (editing) {
      if (event.key === "Escape") this.leaveEdit();
      else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.saveEdit(message, event.target.value.trim());
      }
      return;
    }
    if (event.target.matches(".spoiler") && ["Enter", " "].includes(event.key)) event.target.click();
    if (!event.target.matches("li.message")) return;
    const to = { ArrowUp: event.target, ArrowDown: event.target }[event.key];
    if (to) {
      event.preventDefault();
      let next = to;
      do next = event.key === "ArrowUp" ? next.previousElementSibling : next.nextElementSibling;
      while (next && !next.matches(".message"));
      next?.focus();
    } else if (message && (event.key === "Enter" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey))) {
      event.preventDefault();
      this.openMessage(message, event.target.querySelector(".body"));
    } else if (message && event.key === "e") this.edit(message);
    else if (message && event.key === "r") this.composer.replyTo(message);
  }

  longPress(event) {
    if (event.pointerType !== "touch") return;
    const { clientX: x, clientY: y, target } = event;
    const timer = setTimeout(() => this.context(new Event("contextmenu", { cancelable: true }), target, { x, y }), LONG_PRESS_MS);
    const end = () => clearTimeout(timer);
    for (const kind of ["pointerup", "pointercancel", "pointermove"]) this.list.addEventListener(kind, end, { once: true });
  }

  // Menus

  context(event, target, at) {
    const message = this.message(target);
    if (!message || target.closest("a, textarea, video") || getSelection().toString()) return;
    event.preventDefault();
    const who = target.closest("[data-who]")?.dataset.who;
    if (who) this.openPerson(who, at);
    else this.openMessage(message, at);
  }

  openMessage(message, at) {
    if (isLoading(message)) return;
    const own = isOwn(message, this.store);
    const { person, channel } = { person: this.store.me, channel: message.channel_id };
    const apps = this.composer.commands.ofType(3).map((one) => ({
      label: one.name_localized ?? one.name,
      icon: icon("app"),
      dataset: { menu: one.name },
      act: () => this.tell(message, ask("menu", { body: { person, channel, message: message.id, command: one.name, wait: false } })),
    }));
    const open = !message.only_for;
    const entries = [
      open && { label: "Reply", hint: "R", icon: icon("reply"), dataset: { menuAct: "reply" }, act: () => this.composer.replyTo(message) },
      own && { label: "Edit", hint: "E", icon: icon("pencil"), dataset: { menuAct: "edit" }, act: () => this.edit(message) },
      message.content && { label: "Copy text", icon: icon("copy"), dataset: { menuAct: "copy" }, act: () => navigator.clipboard?.writeText(message.content) },
      { label: "Copy id", icon: icon("copy"), dataset: { menuAct: "id" }, act: () => navigator.clipboard?.writeText(message.id) },
      ...(apps.length ? [null, "Apps", ...apps] : []),
      null,
      message.only_for
        ? { label: "Dismiss", icon: icon("close"), dataset: { menuAct: "dismiss" }, act: () => this.act("dismiss", null, message) }
        : { label: "Delete", icon: icon("bin"), danger: true, dataset: { menuAct: "delete" }, act: () => this.delete(message) },
    ];
    const quick = open ? (close) => quickRow((emoji) => (close(), emoji ? this.react(message, emoji, false) : pickEmoji(at, (one) => this.react(message, one, false)))) : undefined;
    openMenu(entries.filter((one) => one !== false && one !== "" && one !== undefined), at, { label: "Message", align: at.x === undefined ? "end" : "start", above: quick });
  }

  openPerson(id, at) {
    const person = this.store.people.get(id);
    const { me } = this.store;
    const apps = this.composer.commands.ofType(2).map((one) => ({
      label: one.name_localized ?? one.name,
      icon: icon("app"),
      dataset: { menu: one.name },
      act: () => this.composer.report(ask("menu", { body: { person: me, channel: this.store.here, user: id, command: one.name, wait: false } })),
    }));
    const entries = [
      this.store.person(id),
      { label: "Mention", icon: icon("person"), dataset: { menuAct: "mention" }, act: () => this.composer.insert(`<@${id}> `) },
      person && id !== me ? { label: `Chat as ${person.display}`, icon: icon("right"), dataset: { menuAct: "as" }, act: () => this.go({ person: id }) } : undefined,
      person ? { label: "Open in a new window", icon: icon("window"), dataset: { menuAct: "window" }, act: () => this.openWindow(person) } : undefined,
      { label: "Copy id", icon: icon("copy"), dataset: { menuAct: "id" }, act: () => navigator.clipboard?.writeText(id) },
      ...(apps.length ? [null, "Apps", ...apps] : []),
    ];
    openMenu(entries.filter((one) => one !== undefined), at, { label: this.store.person(id) });
  }
}

// The conversation: rows in order, by day and author; it stays at its end while the person is there.

import { ask } from "../base/link.js";
import { $, icon, morph, node } from "../base/dom.js";
import { loadMedia } from "../message/media.js";
import { excerpt, renderAct, renderRow } from "../message/row.js";
import { dayName, dayOf } from "../text/times.js";

const PAGE = 50;
const MOST_ROWS = 250; // at the end, older ones go; they come back when one scrolls up
const NEAR_PX = 90;
const OLDER_AT_PX = 500;
const GROUP_MS = 5 * 60_000;

export class Timeline {
  messages = new Map();
  acts = new Map();
  atEnd = true;
  missed = 0;
  more = false;
  loading = false;
  lastTop = 0;

  constructor(store) {
    this.store = store;
    this.scroller = $("scroller");
    this.list = $("messages");
    this.pill = $("newest");
    this.scroller.addEventListener("scroll", () => this.scrolled());
    this.pill.addEventListener("click", () => this.toEnd(true));
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.list);
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.scroller);
    store.on("message", (one) => one.channel_id === store.here && this.take(one));
    store.on("gone", (one) => this.remove(one.id));
    store.on("interaction", (one) => this.takeAct(one));
    store.on("noted", (id) => this.redraw(id));
    store.on("typing", () => this.sayTyping());
    store.on("places", () => this.redrawAll());
  }

  // Shows the channel where the store is. What somebody else asked for meanwhile is left alone.
  async show() {
    const { me: person, here: channel } = this.store;
    const { messages } = await ask("messages", { query: { person, channel, limit: PAGE } });
    if (person !== this.store.me || channel !== this.store.here) return;
    const unread = this.store.unread.get(channel) ?? 0;
    this.more = messages.length >= PAGE;
    this.messages.clear();
    this.acts.clear();
    this.list.replaceChildren(...messages.map((one) => this.row(one)));
    this.firstNew = unread && messages.length ? messages.at(-Math.min(unread, messages.length)).id : null;
    this.dress();
    this.sayTyping();
    loadMedia(this.list, (change) => this.steady(change));
    this.store.read(channel);
    this.toEnd();
  }

  row(message) {
    this.messages.set(message.id, message);
    return renderRow(message, this.store);
  }

  find = (id) => this.list.querySelector(`[data-message="${id}"]`);
  rows = () => [...this.list.querySelectorAll("[data-message]")];

  take(message) {
    const isNew = !this.messages.has(message.id);
    const made = this.row(message);
    this.steady(() => {
      const old = this.find(message.id);
      const shown = old ? morph(old, made) : this.insert(made);
      const from = message.from_interaction;
      if (from && this.acts.delete(from.id)) this.list.querySelector(`[data-interaction="${from.id}"]`)?.remove();
      loadMedia(shown, (change) => this.steady(change));
      if (this.atEnd && this.messages.size > MOST_ROWS) this.forget();
      this.dress();
    });
    if (!isNew) return;
    if (!this.atEnd) this.missed += 1;
    this.showPill();
    if (message.author.id !== this.store.me) $("said").textContent = `${message.author.display}: ${excerpt(message) || "is thinking"}`;
  }

  insert(made) {
    const id = BigInt(made.dataset.message);
    const rows = this.rows();
    let at = rows.length;
    while (at > 0 && BigInt(rows[at - 1].dataset.message) > id) at -= 1;
    const next = rows[at] ?? this.list.querySelector("[data-interaction]");
    this.list.insertBefore(made, next ?? null);
    return made;
  }

  forget() {
    for (const row of this.rows().slice(0, PAGE)) {
      this.messages.delete(row.dataset.message);
      row.remove();
    }
    this.more = true;
  }

  redraw(id) {
    const message = this.messages.get(id);
    if (message) this.steady(() => (loadMedia(morph(this.find(id), renderRow(message, this.store)), (change) => this.steady(change)), this.dress()));
  }

  redrawAll() {
    this.steady(() => {
      for (const [id, message] of this.messages) morph(this.find(id), renderRow(message, this.store));
      this.dress();
    });
  }

  remove(id) {
    if (!this.messages.delete(id)) return;
    this.steady(() => {
      this.find(id)?.remove();
      this.dress();
    });
  }

  takeAct(one) {
    if (one.kind === "component") {
      if (one.source_id) this.redraw(one.source_id);
      return;
    }
    if (one.channel_id !== this.store.here) return;
    const old = this.list.querySelector(`[data-interaction="${one.id}"]`);
    this.steady(() => {
      if (one.state !== "waiting" && one.state !== "failed") {
        this.acts.delete(one.id);
        old?.remove();
      } else {
        this.acts.set(one.id, one);
        const made = renderAct(one, this.store);
        if (old) morph(old, made);
        else this.list.append(made);
      }
      this.dress();
    });
  }

  // Days between the rows, and rows of one author together.
  dress() {
    let before = null;
    for (const row of this.rows()) {
      const message = this.messages.get(row.dataset.message);
      const at = new Date(message.timestamp);
      const newDay = !before || dayOf(new Date(before.timestamp)) !== dayOf(at);
      const rule = row.previousElementSibling?.matches(".rule") ? row.previousElementSibling : null;
      const label = newDay ? dayName(at, this.store.now()) : row.dataset.message === this.firstNew ? "New" : null;
      if (!label) rule?.remove();
      else {
        const made = node("li.rule", { role: "separator", dataset: { isNew: row.dataset.message === this.firstNew ? "yes" : "no" } }, node("span", {}, label));
        if (rule) morph(rule, made);
        else row.before(made);
      }
      const close = before && !label && at - new Date(before.timestamp) < GROUP_MS;
      const same = close && before.author.id === message.author.id && before.only_for === message.only_for;
      row.toggleAttribute("data-own-grouped", Boolean(same && !row.classList.contains("led")));
      row.tabIndex = -1;
      before = message;
    }
    this.begin(Boolean(before));
    const last = this.list.lastElementChild;
    if (last?.matches(".message")) last.tabIndex = 0;
  }

  // What stands at the top: where the conversation began, or that there is more.
  begin(any) {
    const channel = this.store.place;
    this.list.querySelector(":scope > .begin")?.remove();
    for (const rule of this.list.querySelectorAll(":scope > .rule")) if (!rule.nextElementSibling?.matches("[data-message]")) rule.remove();
    if (this.more || !channel) return;
    const kinds = { direct: "direct", group: "group", thread: "thread" };
    const title = this.store.title(channel);
    const words = {
      direct: `Your direct messages with ${title}. Nobody else sees them.`,
      group: `Between ${this.store.others(channel)} and you. No app is a member here; you can use those that you installed for yourself.`,
      thread: `A thread of #${this.store.channel(channel.parent_id)}.`,
      text: channel.topic || "The beginning of this channel.",
    }[channel.kind];
    const hint = any ? null : node("p", {}, "Type ", node("kbd", {}, "/"), " to see what the app can do, or drop a picture here.");
    const mark = node("span.mark", {}, icon(kinds[channel.kind] ?? (this.store.isRestricted(channel) ? "grown" : "hash")));
    this.list.prepend(node("li.begin", {}, mark, node("h3", {}, title), node("p", {}, words), hint));
  }

  sayTyping() {
    const names = this.store.whoTypes().map(this.store.person);
    const many = names.length > 3 ? "Several people" : names.join(names.length > 2 ? ", " : " and ");
    $("typing").replaceChildren(...(names.length ? [node("i.dots", { "aria-hidden": "true" }), node("b", {}, many), names.length > 1 ? " are typing" : " is typing"] : []));
  }

  // Scrolling

  // Runs a change of the rows with what the person looks at held where it is.
  steady(change) {
    if (this.atEnd) {
      change();
      this.toEnd();
      return;
    }
    const { top, bottom } = this.scroller.getBoundingClientRect();
    const seen = this.rows().filter((one) => one.getBoundingClientRect().bottom > top + 1 && one.getBoundingClientRect().top < bottom);
    // What begins above grows upwards, out of sight, where something else can be held.
    const anchor = seen.find((one) => one.getBoundingClientRect().top >= top) ?? seen[0];
    const was = anchor?.getBoundingClientRect().top;
    change();
    if (anchor?.isConnected) this.scroller.scrollTop += anchor.getBoundingClientRect().top - was;
    this.lastTop = this.scroller.scrollTop;
  }

  toEnd(smooth = false) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
    this.atEnd = true;
    this.missed = 0;
    this.showPill();
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    // Only going up leaves the end: by the time this is told, more may have been added below.
    if (scrollHeight - scrollTop - clientHeight < NEAR_PX) {
      this.atEnd = true;
      this.missed = 0;
    } else if (scrollTop < this.lastTop) this.atEnd = false;
    this.lastTop = scrollTop;
    this.showPill();
    if (scrollTop < OLDER_AT_PX && this.more && !this.loading) this.older();
  }

  showPill() {
    this.pill.hidden = this.atEnd;
    const words = this.missed ? `${this.missed} new ${this.missed > 1 ? "messages" : "message"}` : "Jump to newest";
    this.pill.querySelector("span").textContent = words;
  }

  async older() {
    this.loading = true;
    const { me: person, here: channel } = this.store;
    try {
      const limit = this.messages.size + PAGE;
      const { messages } = await ask("messages", { query: { person, channel, limit } });
      if (channel !== this.store.here || person !== this.store.me) return;
      this.more = messages.length >= limit;
      const fresh = messages.filter((one) => !this.messages.has(one.id));
      this.steady(() => {
        for (const one of fresh) this.insert(this.row(one));
        loadMedia(this.list, (change) => this.steady(change));
        this.dress();
      });
    } catch {
      this.more = true; // the next scroll asks again
    } finally {
      this.loading = false;
    }
  }

  // Brings a message into view and lights it up.
  async jump(id) {
    while (!this.find(id) && this.more) await this.older();
    const row = this.find(id);
    if (!row) return false;
    this.atEnd = false;
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
    row.classList.add("lit");
    row.addEventListener("animationend", () => row.classList.remove("lit"), { once: true });
    return true;
  }
}

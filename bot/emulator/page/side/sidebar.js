// Channels and people: where this window is, and as whom.

import { $, fill, icon, iconButton, node } from "../base/dom.js";
import { addressAs } from "../base/link.js";
import { face } from "../message/row.js";

const MOST_PEOPLE = 30; // a list to look at; the palette finds everybody

export const openWindow = (person) => open(addressAs(person.username), "_blank", "noopener");

export class Sidebar {
  // `go({person, channel})` moves this window.
  constructor(store, go, openPalette) {
    Object.assign(this, { store, go });
    for (const kind of ["places", "here", "unread"]) store.on(kind, () => this.draw());
    $("jump").prepend(icon("search"));
    $("jump").addEventListener("click", openPalette);
    $("drawer").append(icon("menu"), node("i.spot", { hidden: true }));
    $("drawer").addEventListener("click", () => this.toggle(!$("sidebar").classList.contains("open")));
    $("veil").addEventListener("click", () => this.toggle(false));
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle(false));
    $("channels").addEventListener("click", (event) => this.click(event));
    $("people").addEventListener("click", (event) => this.click(event));
    $("people").addEventListener("keydown", (event) => this.roam(event));
  }

  toggle(open) {
    $("sidebar").classList.toggle("open", open);
    $("drawer").setAttribute("aria-expanded", String(open));
  }

  click(event) {
    const target = event.target.closest("button");
    if (!target) return;
    const { id, personId, windowOf } = target.dataset;
    if (windowOf) openWindow(this.store.people.get(windowOf));
    else if (personId) this.go({ person: personId });
    else if (id) this.go({ channel: id });
  }

  // Arrow keys within the people, as in any radio group.
  roam(event) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...$("people").querySelectorAll("[role=radio]")];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  }

  draw() {
    const { store } = this;
    if (!store.place) return;
    const all = [...store.channels.values()];
    const entries = [];
    for (const guild of store.guilds.values()) {
      const inside = all.filter((one) => one.guild_id === guild.id);
      entries.push(this.heading(guild.name, guild.id, guild.bot ? null : "no app here"));
      for (const channel of inside.filter((one) => one.kind === "text")) {
        entries.push(this.channel(channel));
        entries.push(...inside.filter((one) => one.parent_id === channel.id && (!one.archived || one.id === store.here)).map((one) => this.channel(one)));
      }
    }
    const direct = all.filter((one) => !one.guild_id);
    if (direct.length) entries.push(this.heading("Direct messages", "direct"), ...direct.map((one) => this.channel(one)));
    fill($("channels"), ...entries);
    const people = [...store.people.values()];
    const shown = people.length > MOST_PEOPLE ? [store.own, ...people.filter((one) => one !== store.own)].slice(0, MOST_PEOPLE) : people;
    const rest = people.length - shown.length;
    fill($("people"), ...shown.map((one) => this.person(one)), ...(rest ? [node("p.rest", { dataset: { key: "rest" } }, `and ${rest} more: Ctrl K finds them`)] : []));
    this.head();
  }

  heading(words, key, hint) {
    return node("h2", { dataset: { key: `heading-${key}` } }, words, hint ? node("small", {}, hint) : null);
  }

  channel(one) {
    const { store } = this;
    const unread = store.unread.get(one.id) ?? 0;
    const title = store.title(one);
    const mark = one.guild_id ? icon(one.kind === "thread" ? "thread" : store.isRestricted(one) ? "grown" : "hash") : one.kind === "group" ? icon("group") : face(store.bot.id, title, store);
    const name = one.kind === "direct" ? "direct" : one.name || one.id;
    const made = node(
      "button.place",
      { type: "button", "aria-current": String(one.id === store.here), dataset: { key: one.id, id: one.id, channel: name, kind: one.kind } },
      mark,
      node("span", {}, title),
      one.nsfw ? node("small.age", { title: "Age-restricted" }, "18+") : null,
    );
    if (unread) {
      made.dataset.unread = unread;
      made.append(node("span.count", { "aria-label": `${unread} unread` }, unread > 99 ? "99+" : String(unread)));
    }
    return made;
  }

  person(one) {
    const { store } = this;
    const here = one.guilds.find((each) => each.id === store.place?.guild_id) ?? one.guilds[0];
    const roles = [here?.owner ? "Owner" : "", ...(here?.roles ?? [])].filter(Boolean).join(", ") || (here ? "Member" : "In no server");
    const standing = one.installed ? `${roles} · has the app` : roles;
    const current = one.id === store.me;
    const pick = node(
      "button.person",
      { type: "button", role: "radio", "aria-checked": String(current), tabIndex: current ? 0 : -1, dataset: { person: one.username, personId: one.id } },
      face(one.id, one.display, store),
      node("span", {}, node("b", {}, one.display), node("small", {}, standing)),
    );
    return node("div.one", { dataset: { key: one.id } }, pick, iconButton("window", `Open as ${one.display} in a new window`, { dataset: { windowOf: one.id } }));
  }

  head() {
    const channel = this.store.place;
    const title = this.store.title(channel);
    const kind = channel.guild_id ? (channel.kind === "thread" ? "thread" : this.store.isRestricted(channel) ? "grown" : "hash") : channel.kind === "group" ? "group" : "direct";
    $("title").replaceChildren(icon(kind), node("span", {}, title));
    const parent = this.store.channels.get(channel.parent_id);
    $("topic").textContent = parent ? `in #${parent.name}` : channel.topic;
    $("restricted").hidden = !this.store.isRestricted(channel);
    const total = [...this.store.unread.values()].reduce((a, b) => a + b, 0);
    $("drawer").querySelector(".spot").hidden = !total;
    document.title = `${total ? `(${total}) ` : ""}${channel.guild_id ? "#" : ""}${title} · ${this.store.own.display}`;
  }
}

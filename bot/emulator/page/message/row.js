// A message as a row of the conversation. Pure: the same message and store give the same elements.

import { icon, iconButton, node } from "../base/dom.js";
import { markdown } from "../text/markdown.js";
import { clockTime, fullTime } from "../text/times.js";
import { component, noteLine, shownFiles } from "./components.js";
import { emoji } from "./controls.js";
import { embed } from "./embed.js";
import { attachments } from "./media.js";

const LOADING = 1 << 7;
const VERBS = { command: "used", modal: "sent", component: "pressed" };

export const isLoading = (message) => Boolean(message.flags & LOADING);
export const isOwn = (message, store) => message.author.id === store.me;

export function face(id, name, store) {
  const made = node("span.face", { "aria-hidden": "true" }, id === store.bot.id ? icon("app") : [...name][0]?.toUpperCase() ?? "?");
  made.style.setProperty("--hue", store.hue(id));
  return made;
}

export function renderRow(message, store) {
  const name = message.author.display ?? message.author.username;
  const made = node("li.message", {
    tabIndex: -1,
    dataset: { key: message.id, message: message.id, state: isLoading(message) ? "thinking" : "ready", author: message.author.id },
  });
  if (message.only_for) made.dataset.private = "";
  const told = cause(message) ?? answered(message);
  if (told) {
    made.classList.add("led");
    made.append(told);
  }
  made.append(face(message.author.id, name, store), who(message, name, store), body(message, name, store), tools(message, store));
  return made;
}

function cause(message) {
  const from = message.from_interaction;
  if (!from || ![message.id, null].includes(from.message_id)) return null;
  const what = from.kind === "command" && !from.menu ? `/${from.name}` : from.name;
  return node("p.cause", {}, icon("bolt"), node("b", {}, from.person.display), ` ${VERBS[from.kind] ?? "used"} `, node("b.what", {}, what));
}

function answered(message) {
  const to = message.reply_to;
  if (!to) return null;
  const words = plain(to.excerpt) || "A message without text";
  return node("button.cause", { type: "button", dataset: { act: "jump", to: to.id } }, icon("reply"), node("b", {}, to.author), node("span.excerpt", {}, words));
}

function who(message, name, store) {
  const at = new Date(message.timestamp);
  const title = node("button.name", { type: "button", dataset: { act: "who", who: message.author.id } }, name);
  return node(
    "div.who",
    {},
    title,
    message.author.bot ? node("span.tag", {}, "app") : null,
    node("time", { dateTime: message.timestamp, title: fullTime(at) }, clockTime(at)),
    message.edited_timestamp && !message.content ? node("small.mark", { title: fullTime(new Date(message.edited_timestamp)) }, "edited") : null,
  );
}

function body(message, name, store) {
  const view = { message, store };
  const made = node("div.body");
  if (isLoading(message)) made.append(node("p.thinking", {}, `${name} is thinking`, node("i.dots", { "aria-hidden": "true" })));
  if (store.editing === message.id) made.append(editor(message));
  else if (message.content) made.append(edited(markdown(message.content, store), message));
  const shown = shownFiles(message.components);
  const embeds = JSON.stringify(message.embeds);
  const embedded = (one) => embeds.includes(`attachment://${one.filename}"`) || embeds.includes(new URL(one.url).pathname);
  made.append(...attachments(message.attachments.filter((one) => !shown.has(one.id) && !embedded(one))));
  for (const one of message.embeds) made.append(embed(one, view, message.attachments));
  for (const one of message.components) made.append(component(one, view));
  if (message.reactions?.length) made.append(reactions(message, store));
  if (message.thread_id) made.append(thread(message, store));
  const note = store.notes.get(message.id);
  if (note && !made.querySelector(".note.bad")) made.append(noteLine(note.sentence));
  if (message.only_for) made.append(alone());
  return made;
}

function edited(text, message) {
  if (!message.edited_timestamp) return text;
  const home = text.lastElementChild?.nodeName === "P" ? text.lastElementChild : text;
  home.append(node("small.mark", { title: fullTime(new Date(message.edited_timestamp)) }, "edited"));
  return text;
}

function alone() {
  return node("p.note", {}, icon("eye"), "Only you can see this", node("button", { type: "button", dataset: { act: "dismiss" } }, "Dismiss"));
}

function reactions(message, store) {
  const made = message.reactions.map((one) => {
    const own = one.people.includes(store.me);
    const names = one.people.map(store.person).join(", ");
    return node(
      "button.reaction",
      { type: "button", title: names, "aria-pressed": String(own), "aria-label": `${one.emoji.name}, ${one.count}: ${names}`, dataset: { act: "react", emoji: one.emoji.name, emojiId: one.emoji.id ?? "" } },
      emoji(one.emoji),
      String(one.count),
    );
  });
  return node("div.reactions", {}, ...made, iconButton("smile", "React", { dataset: { act: "emoji" }, className: "reaction add" }));
}

function thread(message, store) {
  const one = store.channels.get(message.thread_id);
  return node("button.thread", { type: "button", dataset: { go: message.thread_id } }, icon("thread"), node("b", {}, one?.name ?? "Thread"), icon("right"));
}

function editor(message) {
  const field = node("textarea", { value: message.content, rows: 1, "aria-label": "Edit the message", dataset: { kept: "" } });
  field.value = message.content;
  return node("form.editor", { dataset: { kept: "", key: `edit-${message.id}` } }, field, node("small", {}, "Enter saves, Esc leaves it as it was"));
}

function tools(message, store) {
  const made = node("div.tools", { role: "toolbar", "aria-label": "What to do with this message" });
  if (isLoading(message)) return made;
  const button = (name, label, act) => iconButton(name, label, { dataset: { act }, tabIndex: -1 });
  if (!message.only_for) made.append(button("smile", "React", "emoji"), button("reply", "Reply", "reply"));
  if (isOwn(message, store)) made.append(button("pencil", "Edit", "edit"));
  made.append(button("more", "More", "more"));
  return made;
}

// An act of this person that has no message yet: on its way, or failed.
export function renderAct(one, store) {
  const waiting = one.state === "waiting";
  const row = node("li.message.led", { tabIndex: -1, dataset: { key: `act-${one.id}`, interaction: one.id, state: one.state, private: "" } });
  const words = waiting
    ? node("p.thinking", {}, "Sending to the app", node("i.dots", { "aria-hidden": "true" }))
    : node("p.note.bad", { role: "alert" }, "⚠ The application did not respond in 3 seconds.", node("button", { type: "button", dataset: { act: "away" } }, "Dismiss"));
  row.append(cause({ from_interaction: { ...one, message_id: null } }), face(store.bot.id, store.bot.display, store));
  row.append(node("div.who", {}, node("span.name", {}, store.bot.display), node("span.tag", {}, "app")), node("div.body", {}, words));
  return row;
}

const plain = (text) => text.replace(/-# |[*_~`#>|]/g, "").replace(/\s+/g, " ").trim();

// One line that says what a message holds, for replies and the live region.
export function excerpt(message) {
  const texts = [];
  const walk = (list) => list.forEach((one) => (one.content ? texts.push(one.content) : walk(one.components ?? [])));
  if (message.content) texts.push(message.content);
  else walk(message.components);
  const words = plain(texts.join(" "));
  if (words) return words.slice(0, 140);
  return message.attachments.length ? (message.attachments.length > 1 ? `${message.attachments.length} files` : message.attachments[0].filename) : "";
}


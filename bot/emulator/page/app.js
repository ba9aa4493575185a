// The chat page: who and where, the live connection, and what is shown. See docs/emulator.md for the routes it uses.

import { Composer, flatten } from "./composer.js";
import { node } from "./markdown.js";
import { face, renderMessage } from "./message.js";
import { askModal } from "./modal.js";

const KEY = location.hash.slice(1) || sessionStorage.getItem("key") || "";
sessionStorage.setItem("key", KEY);
const NEAR_END_PX = 90;
const RECONNECT_MS = 1000;

const $ = (id) => document.getElementById(id);
const state = { people: new Map(), channels: new Map(), commands: [], person: null, channel: null, seq: 0 };
const busy = new Map(); // interaction id → {message, customId}
let socket = null;
let atEnd = true;
let lastTop = 0;

async function ask(path, { body, files, query } = {}) {
  const init = { headers: { "X-Emulator-Key": KEY } };
  if (files?.size) {
    init.method = "POST";
    init.body = new FormData();
    init.body.append("payload_json", JSON.stringify(body));
    for (const [name, file] of files) init.body.append(name || "files[0]", file, file.name);
  } else if (body) {
    init.method = "POST";
    init.body = JSON.stringify(body);
    init.headers["Content-Type"] = "application/json";
  }
  const response = await fetch(`control/${path}${query ? `?${new URLSearchParams(query)}` : ""}`, init);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

const chat = {
  person: (id) => state.people.get(id)?.display ?? "somebody",
  channel: (id) => state.channels.get(id)?.name ?? "unknown",
  commands: () => flatten(state.commands),
  menus: () => state.commands.filter((command) => command.type === 3),
  choices: (type) =>
    type === 8
      ? [...state.channels.values()].filter((one) => one.guild_id).map((one) => ({ value: one.id, label: `#${one.name}` }))
      : [...state.people.values()].map((one) => ({ value: one.id, label: one.display })),
  isBusy: (message, customId) => [...busy.values()].some((one) => one.message === message && one.customId === customId),
  run: (command, options, files) => ask("commands", { body: { ...here(), command, options, wait: false }, files }),
  write: (content, files) => ask("messages", { body: { ...here(), content }, files }),
  press: (message, custom_id, values) => act("press", message.id, { message: message.id, custom_id, ...(values && { values }) }),
  openMenu: (message, command) => act("menu", message.id, { message: message.id, command }),
  openPicture(url, description) {
    const [img, words] = [$("lightbox").querySelector("img"), $("lightbox").querySelector("p")];
    Object.assign(img, { src: url, alt: description ?? "" });
    words.textContent = description ?? "";
    $("lightbox").showModal();
  },
};

const here = () => ({ person: state.person, channel: state.channel });

async function act(path, messageId, body) {
  try {
    await ask(path, { body: { person: state.person, wait: false, ...body } });
  } catch (error) {
    noteUnder(messageId, error.message);
  }
}

// What is shown

function showMessage(message) {
  if (message.channel_id !== state.channel) return;
  const old = find(message.id);
  const made = renderMessage(message, chat, old);
  if (old) {
    old.replaceWith(made);
  } else {
    const later = [...$("messages").querySelectorAll("[data-message]")].find((one) => BigInt(one.dataset.message) > BigInt(message.id));
    $("messages").insertBefore(made, later ?? null);
  }
  const from = message.from_interaction;
  if (from) $("messages").querySelector(`[data-interaction="${from.id}"]`)?.remove();
}

const find = (id) => $("messages").querySelector(`[data-message="${id}"]`);

function noteUnder(messageId, sentence) {
  const body = find(messageId)?.querySelector(".body");
  if (!body) return;
  body.querySelector(".note.bad")?.remove();
  body.append(node("p", { className: "note bad", role: "alert" }, `⚠ ${sentence}`));
}

function showInteraction(one) {
  const waiting = one.state === "waiting";
  if (one.kind === "component" && one.source_id) {
    if (waiting) busy.set(one.id, { message: one.source_id, customId: one.custom_id });
    else busy.delete(one.id);
    const pressed = find(one.source_id)?.querySelector(`[data-custom-id="${CSS.escape(one.custom_id)}"]`);
    pressed?.setAttribute("aria-busy", String(waiting));
    if (one.state === "failed") noteUnder(one.source_id, "This interaction failed");
  } else if (one.channel_id === state.channel) {
    showOwn(one, waiting);
  }
  if (one.state === "modal") openModal(one);
}

function showOwn(one, waiting) {
  const old = $("messages").querySelector(`[data-interaction="${one.id}"]`);
  if (!waiting && one.state !== "failed") {
    old?.remove();
    return;
  }
  const row = node("li", { className: "message" });
  row.dataset.interaction = one.id;
  row.dataset.state = one.state;
  row.dataset.private = "";
  const words = waiting ? node("p", { className: "thinking" }, "Sending") : node("p", { className: "note bad", role: "alert" }, "⚠ The application did not respond");
  const away = node("button", { type: "button" }, "Dismiss");
  away.addEventListener("click", () => row.remove());
  if (!waiting) words.append(away);
  const who = node("div", { className: "who" }, node("strong", {}, one.person.display), node("span", { className: "mark" }, `used /${one.name}`));
  row.append(face(one.person.id, one.person.display), who, node("div", { className: "body" }, words));
  if (old) old.replaceWith(row);
  else $("messages").append(row);
}

async function openModal(one) {
  const answer = await askModal(one.modal, chat);
  if (!answer) return;
  try {
    const body = { person: state.person, interaction: one.id, values: answer.values, wait: false };
    await ask("submit", { body, files: answer.files });
  } catch (error) {
    composer.complain(error.message);
  }
}

function apply(change) {
  state.seq = change.seq;
  if (change.kind === "message_create" || change.kind === "message_update") showMessage(change.message);
  else if (change.kind === "message_delete") find(change.id)?.remove();
  else if (change.kind === "interaction") showInteraction(change.interaction);
  else if (change.kind === "commands") state.commands = change.commands;
  markUnread(change);
}

function markUnread(change) {
  const where = change.message?.channel_id;
  if (change.kind !== "message_create" || where === state.channel) return;
  document.querySelector(`#channels [data-id="${where}"]`)?.setAttribute("data-unread", "");
}

// Who and where

function drawSidebar() {
  const own = state.people.get(state.person);
  const shown = [...state.channels.values()].filter((one) => one.guild_id || one.recipient_id === own.id);
  $("channels").replaceChildren(
    ...shown.map((one) => {
      const entry = node("button", { type: "button" }, one.guild_id ? `# ${one.name}` : "✉ Direct messages");
      entry.dataset.channel = one.guild_id ? one.name : "direct";
      entry.dataset.id = one.id;
      entry.setAttribute("aria-current", String(one.id === state.channel));
      entry.addEventListener("click", () => go({ channel: one.id }));
      return entry;
    }),
  );
  $("people").replaceChildren(
    ...[...state.people.values()].map((one) => {
      const roles = [one.owner ? "Owner" : "", ...one.roles].filter(Boolean).join(", ") || "Member";
      const entry = node("button", { type: "button", role: "radio" }, face(one.id, one.display), node("span", {}, one.display, node("small", {}, roles)));
      entry.dataset.person = one.username;
      entry.setAttribute("aria-checked", String(one.id === state.person));
      entry.addEventListener("click", () => go({ person: one.id }));
      return entry;
    }),
  );
  const channel = state.channels.get(state.channel);
  const name = channel.guild_id ? `#${channel.name}` : "Direct messages";
  $("title").textContent = name;
  $("topic").textContent = channel.topic;
  $("restricted").hidden = !channel.nsfw;
  $("text").placeholder = `Write as ${own.display}, or / for a command`;
}

async function go({ person = state.person, channel = state.channel }) {
  const where = state.channels.get(channel);
  if (where.recipient_id && where.recipient_id !== person) {
    channel = [...state.channels.values()].find((one) => one.recipient_id === person).id;
  }
  Object.assign(state, { person, channel });
  sessionStorage.setItem("place", JSON.stringify({ person, channel }));
  toggleDrawer(false);
  socket?.close();
  socket = null; // its end is meant: no reconnecting
  await load();
}

async function load() {
  drawSidebar();
  busy.clear();
  const { person, channel } = state;
  const { seq, messages } = await ask("messages", { query: here() });
  if (person !== state.person || channel !== state.channel) return; // somebody went on meanwhile
  state.seq = seq;
  $("messages").replaceChildren();
  messages.forEach(showMessage);
  atEnd = true;
  keepAtEnd();
  connect();
}

function connect() {
  const own = new WebSocket(`${location.origin.replace("http", "ws")}/control/live`);
  socket = own;
  own.addEventListener("open", () => {
    own.send(JSON.stringify({ key: KEY, person: state.person, since: state.seq }));
    setLink("live", "live");
  });
  own.addEventListener("message", (event) => {
    if (socket === own) apply(JSON.parse(event.data));
  });
  own.addEventListener("close", () => {
    if (socket !== own) return;
    setLink("lost", "connection lost");
    setTimeout(() => socket === own && connect(), RECONNECT_MS);
  });
}

function setLink(to, words) {
  $("link").dataset.state = to;
  $("link").textContent = words;
}

function keepAtEnd() {
  if (atEnd) $("scroller").scrollTop = $("scroller").scrollHeight;
}

function toggleDrawer(open) {
  $("sidebar").classList.toggle("open", open);
  $("drawer").setAttribute("aria-expanded", String(open));
}

const composer = new Composer(chat);

async function start() {
  try {
    const answer = await ask("state");
    $("guild").textContent = answer.guilds[0].name;
    for (const one of answer.people) {
      const [here] = one.guilds;
      state.people.set(one.id, { ...one, owner: here?.owner, roles: here?.roles ?? [] });
    }
    for (const one of answer.channels) {
      state.channels.set(one.id, { ...one, recipient_id: one.kind === "direct" ? one.recipients[0] : null });
    }
    state.commands = answer.commands;
    const place = JSON.parse(sessionStorage.getItem("place") ?? "{}");
    state.person = state.people.has(place.person) ? place.person : answer.people[0].id;
    state.channel = state.channels.has(place.channel) ? place.channel : answer.channels[0].id;
    await load();
  } catch (error) {
    setLink("lost", "not connected");
    composer.complain(`${error.message} Open the address that the emulator printed, with everything after the #.`);
  }
}

$("scroller").addEventListener("scroll", () => {
  const { scrollTop, scrollHeight, clientHeight } = $("scroller");
  // Only going up leaves the end: by the time this is told, more may have been added below.
  if (scrollHeight - scrollTop - clientHeight < NEAR_END_PX) atEnd = true;
  else if (scrollTop < lastTop) atEnd = false;
  lastTop = scrollTop;
});
new ResizeObserver(keepAtEnd).observe($("messages"));
new ResizeObserver(keepAtEnd).observe($("scroller"));
$("drawer").addEventListener("click", () => toggleDrawer(!$("sidebar").classList.contains("open")));
$("scroller").addEventListener("click", () => toggleDrawer(false));
$("lightbox").addEventListener("click", (event) => event.target === $("lightbox") && $("lightbox").close());
start();

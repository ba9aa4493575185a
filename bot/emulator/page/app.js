// The chat page: builds its parts, and moves this window between people and places. docs/emulator.md has the routes.

import { $, icon, node } from "./base/dom.js";
import { closeFloat } from "./base/float.js";
import { ask, hasKey, Live } from "./base/link.js";
import { Store } from "./base/store.js";
import { FaultsDrawer } from "./side/faults.js";
import { Palette } from "./side/palette.js";
import { openWindow, Sidebar } from "./side/sidebar.js";
import { Gate } from "./talk/gate.js";
import { Lightbox } from "./talk/lightbox.js";
import { openModal } from "./talk/modal.js";
import { Pointer } from "./talk/pointer.js";
import { Timeline } from "./talk/timeline.js";
import { keepRelative } from "./text/times.js";
import { Composer } from "./write/composer.js";

const PLACE = "place";
const KEY_HELP = "Open the address that the emulator printed, with everything after the #. A new run has a new key.";

const store = new Store();
const timeline = new Timeline(store);
const composer = new Composer(store, () => pointer.editLast());
const pointer = new Pointer(store, { timeline, composer, lightbox: new Lightbox(), go, openWindow });
const palette = new Palette(store, go);
const sidebar = new Sidebar(store, go, palette.open);
const gate = new Gate(store, () => go({ channel: firstPlace() }));
let live = null;
const shownModals = new Set();
const seen = new Map(); // person → how far this window has seen as them

$("attach").append(icon("plus"));
$("send").append(icon("up"));
$("newest").append(icon("down"));

// Where a person comes in when the place asked for is not theirs.
function firstPlace() {
  const all = [...store.channels.values()];
  return (all.find((one) => one.guild_id && !store.isRestricted(one)) ?? all.find((one) => !store.isRestricted(one)) ?? all[0])?.id ?? null;
}

// Moves this window to another person, another channel, or both.
async function go({ person = store.me, channel = store.here }) {
  closeFloat();
  sidebar.toggle(false);
  try {
    if (store.here) composer.keepDraft();
    const turned = person !== store.me;
    store.editing = null;
    if (turned) await turnInto(person);
    if (person !== store.me) return; // somebody else was asked for meanwhile
    const was = store.channels.get(channel);
    store.here = was ? channel : sameKind(channel);
    if (!store.here) {
      apologise("This person sees no channel.", "Give them a server, or a place there, by the control API.");
      return;
    }
    $("sorry").hidden = true;
    remember();
    store.tell("here");
    composer.arrive();
    await timeline.show();
    gate.look();
    if (turned) listen();
    if (matchMedia("(hover: hover)").matches && !document.querySelector("dialog[open]")) composer.focus();
  } catch (error) {
    fail(error);
  }
}

// Sees everything as another person; what was said since this window last was that person is unread.
async function turnInto(person) {
  live?.end(); // what it still brought would be counted as the other's, and then forgotten
  if (store.me) seen.set(store.me, store.seq);
  Object.assign(store, { me: person, here: null });
  await store.load(person);
  const { changes } = await ask("changes", { query: { person, since: seen.get(person) ?? store.seq } });
  if (person !== store.me) return;
  store.unread.clear();
  for (const one of changes) if (one.kind === "message_create" && one.seq <= store.seq) store.countUnread(one.message);
}

// Somebody's direct messages are not another's: theirs are the same kind of place.
function sameKind(channel) {
  const kind = go.lastKind;
  const direct = kind === "direct" ? [...store.channels.values()].find((one) => one.kind === "direct") : null;
  return direct?.id ?? (store.channels.has(channel) ? channel : firstPlace());
}

function remember() {
  go.lastKind = store.place.kind;
  sessionStorage.setItem(PLACE, JSON.stringify({ person: store.me, channel: store.here }));
  history.replaceState(null, "", `?as=${encodeURIComponent(store.own.username)}${location.hash}`);
}

// Watches as the person of this window.
function listen() {
  live?.end();
  live = new Live(store.me, () => store.seq, { state: showLink, change: (change) => store.apply(change) });
}

function showLink(state) {
  const words = { live: "live", connecting: "connecting", lost: "connection lost", refused: "not connected" }[state];
  if (state === "connecting" && $("link").dataset.state === "lost") return; // still lost, until it is found
  $("link").dataset.state = state;
  $("link").textContent = words;
  $("lost").hidden = state !== "lost";
  $("lost").textContent = state === "lost" ? "The connection is lost. What you typed is kept; trying again…" : "";
  if (state === "refused") apologise(hasKey() ? "This page’s key is not this run’s." : "This address lacks its key.", KEY_HELP);
}

function apologise(title, words) {
  $("sorry").hidden = false;
  $("sorry").replaceChildren(node("div", {}, icon("warning"), node("h2", {}, title), node("p", {}, words)));
}

function fail(error) {
  if (error.status === 401) showLink("refused");
  else if (store.here) composer.complain(error.message);
  else apologise("The chat cannot be shown.", error.message);
}

store.on("interaction", (one) => {
  if (one.state !== "modal" || shownModals.has(one.id)) return;
  shownModals.add(one.id);
  openModal(one.modal, store, ({ values, files }) => ask("submit", { body: { person: store.me, interaction: one.id, values, wait: false }, files }));
});

// A place that is gone, or no longer seen, is left.
store.on("places", () => {
  if (store.here && !store.channels.has(store.here)) go({ channel: firstPlace() });
});

store.on("link", showLink);
document.addEventListener("visibilitychange", () => document.hidden || store.read(store.here));

async function start() {
  try {
    const asked = new URLSearchParams(location.search).get("as");
    const place = JSON.parse(sessionStorage.getItem(PLACE) ?? "{}");
    await store.load();
    const all = [...store.people.values()];
    const person = all.find((one) => one.username === asked) ?? store.people.get(place.person) ?? all[0];
    for (const one of all) seen.set(one.id, store.seq);
    keepRelative(store.now);
    new FaultsDrawer(store);
    await go({ person: person.id, channel: place.channel });
  } catch (error) {
    fail(error);
  }
}

start();

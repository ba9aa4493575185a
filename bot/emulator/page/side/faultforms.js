// The drawer's forms: which calls break and how, how slow files are, what the app may do in this channel.

import { node } from "../base/dom.js";

const CALLS = [
  ["Any call", ""],
  ["Answers to interactions", "/interactions/[0-9]+/[^/]+/callback"],
  ["Edits of its replies", "/webhooks/.*/messages/"],
  ["Follow-ups", "/webhooks/[0-9]+/[^/]+$"],
  ["Messages in channels", "/channels/[0-9]+/messages"],
  ["Commands", "/applications/[0-9]+/.*commands"],
];
const HOWS = [
  ["500 server error", { how: "status", status: 500 }],
  ["502 bad gateway", { how: "status", status: 502 }],
  ["429 too many requests", { how: "status", status: 429, retry_after_s: 2 }],
  ["403 forbidden", { how: "status", status: 403, code: 50013 }],
  ["2 s late", { how: "delay", delay_s: 2 }],
  ["half a body", { how: "half" }],
  ["no answer at all", { how: "timeout" }],
];
const SPEEDS = [["2 s late", { delay_s: 2 }], ["20 kB a second", { bytes_per_s: 20_000 }], ["404 not found", { status: 404 }], ["500 server error", { status: 500 }]];
const PERMISSIONS = [["View the channel", "view_channel"], ["Send messages", "send_messages"], ["Attach files", "attach_files"], ["Read the history", "read_message_history"]];

function pick(label, name, pairs) {
  const options = pairs.map(([words], index) => node("option", { value: index }, words));
  const field = node("select", { id: `fault-${name}`, dataset: { faultField: name } }, ...options);
  return { field, row: node("label.line", { htmlFor: field.id }, label, field), value: () => pairs[field.value][1] };
}

function times(name) {
  const field = node("input", { type: "number", min: 1, max: 99, value: 1, id: `times-${name}` });
  return { row: node("label.line", { htmlFor: field.id }, "How often", field), value: () => Number(field.value) };
}

function form(name, rows, act) {
  const arm = node("button.press", { type: "submit", dataset: { style: 2, fault: name } }, "Arm");
  const made = node("form", {}, ...rows, node("div.controls", {}, arm));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
  return made;
}

export function brokenCalls(drawer) {
  const [path, how, often] = [pick("Which", "path", CALLS), pick("How", "how", HOWS), times("rest")];
  const arm = () => drawer.act("faults/rest", { path: path.value(), ...how.value(), times: often.value() }, "Armed.");
  return form("rest", [path.row, how.row, often.row], arm);
}

export function slowFiles(drawer) {
  const [how, often] = [pick("How", "cdn", SPEEDS), times("cdn")];
  return form("cdn", [how.row, often.row], () => drawer.act("faults/cdn", { ...how.value(), times: often.value() }, "Armed."));
}

// What the app may do here, whether it is here at all, and the end of the channel.
export function permissions(drawer) {
  const { store } = drawer;
  const channel = store.place;
  if (!channel?.guild_id) return node("p.none", {}, "There are no permissions in direct messages.");
  const what = pick("The app’s permission to", "permission", PERMISSIONS);
  const change = (granted) => drawer.act("permissions", { channel: channel.id, permission: what.value(), granted }, granted ? "Granted." : "Revoked.");
  const guild = store.guild;
  const bot = guild?.bot ? drawer.button_("Kick the app", "kick", () => drawer.act(`guilds/${guild.id}`, { bot: false }, "The app is out.")) : drawer.button_("Invite the app", "invite", () => drawer.act(`guilds/${guild.id}`, { bot: true }, "The app is in."));
  return node(
    "div",
    {},
    what.row,
    node("div.controls", {}, drawer.button_("Revoke", "revoke", () => change(false)), drawer.button_("Grant", "grant", () => change(true))),
    node("div.controls", {}, bot, drawer.button_("Delete this channel", "delete-channel", () => drawer.act(`channels/${channel.id}`, undefined, "The channel is gone.", "DELETE"))),
  );
}

// What is known of the emulator: who and what is there, where this window is, and what is still going on.

import { ask } from "./link.js";

export const TYPING_LASTS_MS = 10_000;
const HUES = ["#8f5b2a", "#7b4a6e", "#3f648c", "#5b6b2f", "#8c4a3f", "#5a5590", "#2f6b4a"];
const TEXT_TYPE = 0;
const THREAD_TYPES = new Set([11, 12]);
const APP_HUE = "#0d6662";

// Tells "places", "person", "here", "message", "gone", "interaction", "typing", "unread", "commands", "faults", "link".
export class Store extends EventTarget {
  people = new Map();
  guilds = new Map();
  channels = new Map();
  commands = [];
  bot = { id: "", display: "Bot" };
  connected = 0;
  me = null; // the id of the person this window chats as
  here = null; // the id of the channel that is shown
  seq = 0;
  unread = new Map(); // channel → how many
  busy = new Map(); // interaction → {message, customId}
  notes = new Map(); // message → {customId, sentence}
  typing = new Map(); // channel → Map(person → until when)
  clockAhead = 0; // the emulator's clock minus this machine's, ms
  editing = null; // the id of the message that is being edited

  tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  on(kind, listener) {
    this.addEventListener(kind, (event) => listener(event.detail));
  }

  // Fetches everything as `person` sees it.
  async load(person = this.me) {
    const answer = await ask("state", person ? { query: { person } } : {});
    if (person !== this.me) return;
    this.people = new Map(answer.people.map((one) => [one.id, one]));
    this.guilds = new Map(answer.guilds.map((one) => [one.id, one]));
    this.channels = new Map(answer.channels.map((one) => [one.id, one]));
    Object.assign(this, { commands: answer.commands, bot: answer.bot, connected: answer.connected, seq: Math.max(this.seq, answer.seq) });
    this.clockAhead = Date.parse(answer.now) - Date.now();
    this.applicationId = answer.application_id;
    this.tell("places");
  }

  now = () => Date.now() + this.clockAhead;

  // What every act says first: who, and where.
  asked = () => ({ person: this.me, channel: this.here });

  // Names, for markdown and everything else

  person = (id) => (id === this.bot.id ? this.bot.display : this.people.get(id)?.display) ?? "somebody";
  channel = (id) => this.channels.get(id)?.name ?? "unknown";
  role = (id) => [...this.guilds.values()].flatMap((guild) => guild.roles ?? []).find((one) => one.id === id);
  // A person's colour stays theirs from run to run: it hangs on the name, not on the id.
  hue(id) {
    const name = this.people.get(id)?.username ?? "";
    return id === this.bot.id ? APP_HUE : HUES[[...name].reduce((sum, one) => sum + one.codePointAt(0), 0) % HUES.length];
  }

  get own() {
    return this.people.get(this.me);
  }

  get place() {
    return this.channels.get(this.here);
  }

  get guild() {
    return this.guilds.get(this.place?.guild_id);
  }

  // A thread is as restricted as the channel that it is under.
  isRestricted(channel) {
    return Boolean(channel && (channel.nsfw || this.isRestricted(this.channels.get(channel.parent_id))));
  }

  // What a channel is called: #dreams, the other person of direct messages, the people of a group.
  title(channel) {
    if (channel.kind === "direct") return this.bot.display;
    return channel.name || this.others(channel);
  }

  others(channel) {
    return channel.recipients.filter((id) => id !== this.me).map(this.person).join(", ");
  }

  // Who and what there is to choose from, as {value, label, description, kind}; `types`: Discord's channel types.
  choices(kinds, types) {
    const found = [];
    const guild = this.guild;
    const members = [...this.people.values()].filter((one) => (guild ? one.guilds.some((each) => each.id === guild.id) : true));
    if (kinds.includes("user")) {
      found.push(...members.map((one) => ({ value: one.id, label: one.display, description: `@${one.username}`, kind: "user" })));
      found.push({ value: this.bot.id, label: this.bot.display, description: "app", kind: "user" });
    }
    if (kinds.includes("role")) {
      found.push(...(guild?.roles ?? []).map((one) => ({ value: one.id, label: one.name, description: "role", kind: "role", colour: one.colour })));
    }
    if (kinds.includes("channel")) {
      const fits = (one) => !types?.length || types.some((type) => (one.kind === "thread" ? THREAD_TYPES.has(type) : type === TEXT_TYPE));
      const inside = [...this.channels.values()].filter((one) => guild && one.guild_id === guild.id && fits(one));
      found.push(...inside.map((one) => ({ value: one.id, label: one.name, kind: "channel", thread: one.kind === "thread" })));
    }
    return found;
  }

  // Changes, as they are pushed

  apply(change) {
    this.seq = Math.max(this.seq, change.seq);
    const kind = change.kind;
    if (kind === "message_create" || kind === "message_update") {
      if (kind === "message_create") this.countUnread(change.message);
      this.tell("message", change.message);
    } else if (kind === "message_delete") this.tell("gone", change);
    else if (kind === "interaction") this.noteInteraction(change.interaction);
    else if (kind === "commands") Object.assign(this, { commands: change.commands }).tell("commands");
    else if (kind === "places") this.load().catch(() => {});
    else if (kind === "typing") this.noteTyping(change);
    else if (kind === "faults") this.tell("faults", change.faults);
    this.tell("change", change);
  }

  countUnread(message) {
    this.typing.get(message.channel_id)?.delete(message.author.id);
    if (message.channel_id === this.here) this.tell("typing");
    if ((message.channel_id === this.here && !document.hidden) || message.author.id === this.me) return;
    this.unread.set(message.channel_id, (this.unread.get(message.channel_id) ?? 0) + 1);
    this.tell("unread");
  }

  read(channel) {
    if (this.unread.delete(channel)) this.tell("unread");
  }

  noteInteraction(one) {
    if (one.kind === "component" && one.source_id) {
      if (one.state === "waiting") {
        this.busy.set(one.id, { message: one.source_id, customId: one.custom_id });
        this.notes.delete(one.source_id);
      } else this.busy.delete(one.id);
      if (one.state === "failed") this.notes.set(one.source_id, { customId: one.custom_id, sentence: "This interaction failed" });
    }
    this.tell("interaction", one);
  }

  note(message, sentence, customId = null) {
    this.notes.set(message, { customId, sentence });
    this.tell("noted", message);
  }

  isBusy = (message, customId) => [...this.busy.values()].some((one) => one.message === message && one.customId === customId);

  noteTyping({ channel_id: channel, person_id: person }) {
    if (person === this.me) return;
    if (!this.typing.has(channel)) this.typing.set(channel, new Map());
    this.typing.get(channel).set(person, Date.now() + TYPING_LASTS_MS);
    this.tell("typing");
    setTimeout(() => this.tell("typing"), TYPING_LASTS_MS + 50);
  }

  whoTypes() {
    const found = this.typing.get(this.here) ?? new Map();
    return [...found].filter(([, until]) => until > Date.now()).map(([id]) => id);
  }
}

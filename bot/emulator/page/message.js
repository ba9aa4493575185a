// A message as elements, Components V2 included. `chat` gives people's names and takes presses.

import { markdown, node } from "./markdown.js";

const LOADING = 1 << 7;
const HUES = ["#7a3fb0", "#b0563f", "#2f7d6b", "#3f63b0", "#a83f74", "#7d6b2f"];

export function face(id, name) {
  const made = node("span", { className: "face", ariaHidden: "true" }, name.slice(0, 1).toUpperCase());
  made.style.setProperty("--hue", HUES[Number(BigInt(id) % BigInt(HUES.length))]);
  return made;
}

export function renderMessage(message, chat, old) {
  const made = node("li", { className: "message" });
  made.dataset.message = message.id;
  const loading = Boolean(message.flags & LOADING);
  made.dataset.state = loading ? "thinking" : "ready";
  if (message.only_for) made.dataset.private = "";
  const from = message.from_interaction;
  if (from && [message.id, null].includes(from.message_id)) {
    made.classList.add("acted");
    const verb = from.kind === "command" ? "used" : from.kind === "modal" ? "sent" : "pressed";
    made.append(node("p", { className: "cause" }, node("b", {}, from.person.display), ` ${verb} `, node("b", {}, cause(from))));
  }
  const name = message.author.display;
  const content = node("div", { className: "body" });
  const pictures = new Pictures(old);
  if (loading) content.append(node("p", { className: "thinking" }, `${name} is thinking`));
  if (message.content) content.append(markdown(message.content, chat));
  const shown = new Set(JSON.stringify(message.components).match(/(?<="attachment_id":")\d+/g) ?? []);
  for (const one of message.attachments) if (!shown.has(one.id)) content.append(attachment(one, chat, pictures));
  for (const one of message.embeds) content.append(embed(one, chat));
  for (const one of message.components) content.append(component(one, message, chat, pictures));
  made.append(face(message.author.id, name), who(message, name), content);
  if (message.only_for) content.append(node("p", { className: "note" }, "👁 Only you can see this"));
  if (chat.menus().length && !loading) made.append(apps(message, chat));
  return made;
}

const cause = (from) => (from.kind === "command" ? `/${from.name}` : from.name);

function who(message, name) {
  const at = new Date(message.timestamp);
  const time = node("time", { dateTime: message.timestamp, title: at.toLocaleString() });
  time.append(at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
  const line = node("div", { className: "who" }, node("strong", {}, name));
  if (message.author.bot) line.append(node("span", { className: "tag" }, "BOT"));
  line.append(time);
  if (message.edited_timestamp) line.append(node("span", { className: "mark" }, "(edited)"));
  return line;
}

function apps(message, chat) {
  const choices = chat.menus().map((command) => {
    const button = node("button", { type: "button" }, command.name);
    button.dataset.menu = command.name;
    button.addEventListener("click", () => chat.openMenu(message, command.name));
    return button;
  });
  return node("details", { className: "apps" }, node("summary", { ariaLabel: "Apps for this message" }, "⋯"), node("div", {}, ...choices));
}

// Pictures keep their element from one rendering to the next, and show the old picture until the new one is loaded.
class Pictures {
  constructor(old) {
    this.before = old ? [...old.querySelectorAll(".medium img")] : [];
  }

  image(medium, description) {
    const img = this.before.shift() ?? new Image();
    img.alt = description ?? "";
    const place = new URL(medium.url).pathname;
    if (img.dataset.place === place) return img;
    img.dataset.place = place;
    const show = () => {
      if (img.dataset.place !== place) return; // a newer one has come meanwhile
      if (medium.width) Object.assign(img, { width: medium.width, height: medium.height });
      img.src = medium.url;
      img.dataset.attachment = medium.attachment_id ?? medium.id;
    };
    if (!img.src) {
      show();
    } else {
      const loader = new Image();
      loader.addEventListener("load", show);
      loader.addEventListener("error", show);
      loader.src = medium.url;
    }
    return img;
  }
}

function medium(one, { description, spoiler }, chat, pictures) {
  if (one.content_type?.startsWith("video/")) {
    return node("span", { className: "medium" }, node("video", { src: one.url, controls: true, loop: true, muted: true }));
  }
  const made = node("button", { type: "button", className: "medium" }, pictures.image(one, description));
  made.setAttribute("aria-label", description ? `Open picture: ${description}` : "Open picture");
  if (spoiler) made.classList.add("veiled");
  made.addEventListener("click", () => {
    if (made.classList.contains("veiled")) made.classList.remove("veiled");
    else chat.openPicture(one.url, description);
  });
  return made;
}

function attachment(one, chat, pictures) {
  if (one.content_type?.startsWith("image/") || one.content_type?.startsWith("video/")) {
    return medium(one, { description: one.description, spoiler: one.filename.startsWith("SPOILER_") }, chat, pictures);
  }
  return fileLink(one.url, one.filename, one.size);
}

function fileLink(url, name, size) {
  const label = `${name ?? "file"} · ${(Number(size ?? 0) / 1024).toFixed(0)} KiB`;
  return node("a", { className: "file", href: url, target: "_blank", rel: "noopener noreferrer" }, "📄 ", label);
}

const COMPONENTS = {
  1: (one, message, chat) => node("div", { className: "buttons" }, ...one.components.map((each) => control(each, message, chat))),
  9: (one, message, chat, pictures) =>
    node(
      "div",
      { className: "section" },
      node("div", {}, ...one.components.map((each) => component(each, message, chat, pictures))),
      one.accessory.type === 2 ? control(one.accessory, message, chat) : medium(one.accessory.media, one.accessory, chat, pictures),
    ),
  10: (one, _message, chat) => markdown(one.content, chat),
  12: (one, _message, chat, pictures) => {
    const made = node("div", { className: "gallery" }, ...one.items.map((item) => medium(item.media, item, chat, pictures)));
    made.dataset.count = one.items.length;
    return made;
  },
  13: (one) => fileLink(one.file.url, one.name, one.size),
  14: (one) => node("hr", { className: `${one.divider ? "" : "plain"} ${one.spacing === 2 ? "wide" : ""}` }),
  17: (one, message, chat, pictures) => {
    const made = node("div", { className: "container" }, ...one.components.map((each) => component(each, message, chat, pictures)));
    if (one.accent_color !== null) made.style.setProperty("--edge", colour(one.accent_color));
    return made;
  },
};

function component(one, message, chat, pictures) {
  const make = COMPONENTS[one.type];
  return make ? make(one, message, chat, pictures) : node("p", { className: "note" }, `(component ${one.type})`);
}

const colour = (number) => `#${number.toString(16).padStart(6, "0")}`;

function control(one, message, chat) {
  return one.type === 2 ? button(one, message, chat) : select(one, message, chat);
}

function button(one, message, chat) {
  const label = [one.emoji?.name, one.label].filter(Boolean).join(" ");
  if (one.style === 5) {
    return node("a", { className: "press", href: one.url, target: "_blank", rel: "noopener noreferrer" }, label, " ↗");
  }
  const made = node("button", { type: "button", className: "press", disabled: Boolean(one.disabled) }, label);
  made.dataset.style = one.style;
  made.dataset.customId = one.custom_id;
  made.setAttribute("aria-busy", String(chat.isBusy(message.id, one.custom_id)));
  made.addEventListener("click", () => chat.press(message, one.custom_id));
  return made;
}

function select(one, message, chat) {
  const choices = one.type === 3 ? one.options : chat.choices(one.type);
  const many = one.max_values > 1;
  const made = node("select", { className: "choose", disabled: Boolean(one.disabled), multiple: many });
  made.dataset.customId = one.custom_id;
  made.setAttribute("aria-label", one.placeholder ?? "Choose");
  if (!many) made.append(node("option", { value: "", disabled: true, selected: true }, one.placeholder ?? "Choose…"));
  for (const each of choices) {
    const words = each.description ? `${each.label} – ${each.description}` : each.label;
    made.append(node("option", { value: each.value, selected: Boolean(each.default) }, words));
  }
  const chosen = () => [...made.selectedOptions].map((option) => option.value).filter(Boolean);
  if (!many) {
    made.addEventListener("change", () => chat.press(message, one.custom_id, chosen()));
    return made;
  }
  const done = node("button", { type: "button", className: "press" }, "Choose");
  done.addEventListener("click", () => chat.press(message, one.custom_id, chosen()));
  return node("span", { className: "buttons" }, made, done);
}

function embed(one, chat) {
  const made = node("div", { className: "embed" });
  if (one.color !== undefined) made.style.setProperty("--edge", colour(one.color));
  if (one.title) made.append(node("h5", {}, one.title));
  if (one.description) made.append(markdown(one.description, chat));
  for (const field of one.fields ?? []) made.append(node("p", {}, node("strong", {}, field.name)), markdown(field.value, chat));
  if (one.footer?.text) made.append(node("p", { className: "note" }, one.footer.text));
  return made;
}

// Buttons and selects under a message. They carry what they are as data; talk/pointer.js hears the presses.

import { icon, node } from "../base/dom.js";

export const SELECTS = { 3: [], 5: ["user"], 6: ["role"], 7: ["user", "role"], 8: ["channel"] };
const LINK = 5;
const PREMIUM = 6;

export function emoji(one) {
  if (!one) return null;
  return node("span.emoji", { title: one.id ? `:${one.name}:` : undefined }, one.id ? `:${one.name}:` : one.name);
}

export function button(one, { message, store }) {
  const inside = [emoji(one.emoji), one.label ? node("span", {}, one.label) : null];
  if (one.style === LINK) {
    return node("a.press", { href: one.url, target: "_blank", rel: "noopener noreferrer", dataset: { style: LINK } }, ...inside, icon("out"));
  }
  if (one.style === PREMIUM) return node("button.press", { type: "button", disabled: true, dataset: { style: PREMIUM } }, "Premium");
  const label = one.label ? undefined : (one.emoji?.name ?? "Button");
  return node(
    "button.press",
    {
      type: "button",
      disabled: Boolean(one.disabled),
      "aria-busy": String(store.isBusy(message.id, one.custom_id)),
      "aria-label": label,
      dataset: { style: one.style, customId: one.custom_id, act: "press" },
    },
    ...inside,
  );
}

export function select(one, { message, store }) {
  const chosen = chosenIn(one, store);
  const words = chosen.length
    ? chosen.map((each) => node("span.picked", {}, emoji(each.emoji), each.label))
    : [node("span.placeholder", {}, one.placeholder ?? "Choose")];
  return node(
    "button.choose",
    {
      type: "button",
      disabled: Boolean(one.disabled),
      "aria-haspopup": "listbox",
      "aria-busy": String(store.isBusy(message.id, one.custom_id)),
      "aria-label": one.placeholder ?? "Choose",
      dataset: { customId: one.custom_id, act: "choose" },
    },
    node("span.words", {}, ...words),
    icon("down"),
  );
}

// What a select may choose from: {value, label, description, emoji, kind}.
export function choicesOf(one, store) {
  if (one.type !== 3) return store.choices(SELECTS[one.type], one.channel_types);
  return one.options.map((each) => ({ ...each, kind: "option" }));
}

export function chosenIn(one, store) {
  if (one.type === 3) return one.options.filter((each) => each.default);
  const given = new Set((one.default_values ?? []).map((each) => each.id));
  return choicesOf(one, store).filter((each) => given.has(each.value));
}

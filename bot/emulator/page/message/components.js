// Components V2 and the older rows of buttons and selects.

import { node } from "../base/dom.js";
import { markdown } from "../text/markdown.js";
import { button, select } from "./controls.js";
import { file, gallery, medium } from "./media.js";

export const colour = (number) => `#${number.toString(16).padStart(6, "0")}`;

// `view`: {message, store}. What failed is said under the row that was pressed.
const MAKERS = {
  1: (one, view) => withNote(node("div.controls", {}, ...one.components.map((each) => (each.type === 2 ? button(each, view) : select(each, view)))), one.components, view),
  9: (one, view) => {
    const words = node("div", {}, ...one.components.map((each) => component(each, view)));
    return withNote(node("div.section", {}, words, accessory(one.accessory, view)), [one.accessory], view);
  },
  10: (one, view) => markdown(one.content, view.store),
  12: (one) => gallery(one.items),
  13: (one) => file(one.file.url, one.name, one.size, one.spoiler),
  14: (one) => node("hr", { className: `${one.divider === false ? "plain" : ""} ${one.spacing === 2 ? "wide" : ""}`.trim() }),
  17: (one, view) => {
    const made = node("div.container", {}, ...one.components.map((each) => component(each, view)));
    if (one.accent_color !== null && one.accent_color !== undefined) made.style.setProperty("--edge", colour(one.accent_color));
    if (!one.spoiler) return made;
    const veil = node("button.veil", { type: "button", dataset: { act: "unveil" } }, "Spoiler");
    return node("div.veiled-container", { dataset: { veiled: "" } }, made, veil);
  },
};

export function component(one, view) {
  const make = MAKERS[one.type];
  return make ? make(one, view) : node("p.note", {}, `A component of type ${one.type}, which this page does not know.`);
}

function accessory(one, view) {
  return one.type === 2 ? button(one, view) : medium(one.media, { ...one, thumbnail: true });
}

function withNote(made, controls, { message, store }) {
  const note = store.notes.get(message.id);
  if (!note || !controls.some((one) => one.custom_id && one.custom_id === note.customId)) return made;
  return node("div.noted", {}, made, noteLine(note.sentence));
}

export function noteLine(sentence) {
  return node("p.note.bad", { role: "alert" }, `⚠ ${sentence}`);
}

// The ids of the files that components show: those are not shown again as attachments.
export function shownFiles(components) {
  return new Set(JSON.stringify(components).match(/(?<="attachment_id":")\d+/g) ?? []);
}

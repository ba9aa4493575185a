// Emoji to react with: six at hand, a small board, and a field for any other.

import { iconButton, node } from "../base/dom.js";
import { float } from "../base/float.js";

const QUICK = ["👍", "❤️", "😂", "😮", "🎉", "🌙"];
const BOARD = [..."😀😄😂🥲😊😍🤩😎🤔😴😵🥳😢😭😡👍👎👏🙌🙏💪👀🧠🫶🎉🔥✨🌙🌟🌈🌊🌸🌿🍄🐶🐱🦊🦉🐙🐌🦋🐉🎨📷🎬🎧☕🍓🚀🏰🔮💡✅❌❓❗💜💙💚🧡"];

export function quickRow(chosen) {
  const buttons = QUICK.map((one) => {
    const made = node("button", { type: "button", "aria-label": `React with ${one}`, dataset: { quick: one } }, one);
    made.addEventListener("click", () => chosen(one));
    return made;
  });
  const more = iconButton("plus", "Another emoji", { dataset: { quick: "more" } });
  more.addEventListener("click", () => chosen(null));
  return node("div.quick", { role: "group", "aria-label": "React" }, ...buttons, more);
}

export function pickEmoji(at, chosen) {
  const field = node("input", { type: "text", placeholder: "Any emoji, or name:id", "aria-label": "Any emoji", maxLength: 60, autocomplete: "off" });
  const board = node("div.grid", {}, ...BOARD.map((one) => node("button", { type: "button", dataset: { emoji: one } }, one)));
  const panel = node("form.emoji-board", { role: "dialog", "aria-label": "Emoji" }, field, board);
  const close = float(panel, at, { align: "end" });
  const take = (emoji) => {
    close();
    chosen(emoji);
  };
  panel.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim()) take(field.value.trim());
  });
  board.addEventListener("click", (event) => event.target.dataset.emoji && take(event.target.dataset.emoji));
  field.focus();
}

// A modal that the bot opened: text inputs, selects and file uploads.

import { node } from "./markdown.js";

const TEXT = 4;
const FILES = 19;

// Resolves to {values, files} when the person submits it, to null when they close it.
export function askModal(modal, chat) {
  const dialog = document.getElementById("modal");
  const fields = modal.components.flatMap((one) => (one.type === 1 ? one.components.map((each) => [each.label, null, each]) : one.type === 18 ? [[one.label, one.description, one.component]] : [[one.content, null, null]]));
  const inputs = new Map();
  const rows = fields.map(([label, description, one]) => {
    if (!one) return node("p", {}, label);
    const input = make(one, chat);
    input.dataset.customId = one.custom_id;
    inputs.set(one.custom_id, [one, input]);
    const words = node("span", {}, label ?? "", " ", node("small", {}, description ?? ""));
    return node("label", { className: "field" }, words, input);
  });
  return new Promise((resolve) => {
    const cancel = node("button", { type: "button" }, "Cancel");
    const send = node("button", { type: "submit", className: "main" }, "Submit");
    const form = node("form", {}, node("h2", {}, modal.title), ...rows, node("div", { className: "dialog-buttons" }, cancel, send));
    let answer = null;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer = read(inputs);
      dialog.close();
    });
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => resolve(answer), { once: true });
    dialog.replaceChildren(form);
    dialog.showModal();
  });
}

function make(one, chat) {
  const required = one.required !== false;
  if (one.type === TEXT) {
    const made = node(one.style === 2 ? "textarea" : "input", { required, value: one.value ?? "", placeholder: one.placeholder ?? "" });
    made.maxLength = one.max_length ?? 4000;
    return made;
  }
  if (one.type === FILES) return node("input", { type: "file", required, multiple: (one.max_values ?? 1) > 1 });
  const choices = one.type === 3 ? one.options : chat.choices(one.type);
  return node("select", { required, multiple: (one.max_values ?? 1) > 1 }, ...choices.map((each) => node("option", { value: each.value, selected: Boolean(each.default) }, each.label)));
}

function read(inputs) {
  const values = {};
  const files = new Map();
  for (const [id, [one, input]] of inputs) {
    if (one.type === TEXT) values[id] = input.value;
    else if (one.type === FILES) [...input.files].forEach((file, index) => files.set(index ? `${id}#${index}` : id, file));
    else values[id] = [...input.selectedOptions].map((option) => option.value);
  }
  return { values, files };
}

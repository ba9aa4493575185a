// A modal that the app opened: text, selects, files, choices. It stays open until the emulator has taken it.

import { $, icon, iconButton, node } from "../base/dom.js";
import { markdown } from "../text/markdown.js";
import { chosenIn, choicesOf, emoji } from "../message/controls.js";
import { Files } from "../write/files.js";
import { chooseFrom, mark } from "./chooser.js";

const TEXT_MAX = 4000;

// `submit({values, files})` throws what was wrong with it; then the modal stays.
export function openModal(modal, store, submit) {
  const dialog = $("modal");
  const fields = modal.components.flatMap(flat).map((one) => ({ ...one, control: one.component ? make(one, store) : null }));
  const trouble = node("p.note.bad", { role: "alert", hidden: true });
  const send = node("button.press", { type: "submit", dataset: { style: 1 } }, "Submit");
  const cancel = node("button.press", { type: "button", dataset: { style: 2 } }, "Cancel");
  const head = node("header", {}, node("div", {}, node("small", {}, store.bot.display), node("h2", { id: "modal-title" }, modal.title)), iconButton("close", "Close", { dataset: { close: "" } }));
  const form = node("form", { noValidate: true }, head, node("div.fields", {}, ...fields.map(row)), trouble, node("footer", {}, cancel, send));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = fields.filter((one) => one.control).map((one) => one.control.check()).filter(Boolean);
    if (wrong.length) return wrong[0].focus();
    const answer = { values: {}, files: [] };
    for (const { component, control } of fields) if (control) control.read(answer, component.custom_id);
    send.setAttribute("aria-busy", "true");
    try {
      await submit(answer);
      dialog.close();
    } catch (error) {
      Object.assign(trouble, { textContent: error.message, hidden: false });
    }
    send.removeAttribute("aria-busy");
    return undefined;
  });
  for (const one of [cancel, head.querySelector("[data-close]")]) one.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(form);
  dialog.showModal();
  form.querySelector("input, textarea, .fields button")?.focus();
}

// Rows of the older kind, labels of the newer, and text between.
function flat(one) {
  if (one.type === 1) return one.components.map((each) => ({ label: each.label, component: each }));
  if (one.type === 18) return [{ label: one.label, description: one.description, component: one.component }];
  return [{ text: one.content }];
}

function row({ text, label, description, component, control }) {
  if (text !== undefined) return markdown(text, { person: String, channel: String, role: () => null, now: Date.now });
  const needed = isRequired(component) ? node("span.needed", { title: "required" }, "*") : null;
  const words = node("label.label", { htmlFor: control.id }, label ?? "", needed, description ? node("small", {}, description) : null);
  return node("div.field", {}, words, control.element, control.wrong);
}

const isRequired = (one) => one.type !== 23 && one.required !== false && !(one.min_values === 0);

function make({ label, component: one }, store) {
  const makers = { 4: text, 19: upload, 21: choices, 22: choices, 23: checkbox };
  const made = (makers[one.type] ?? select)(one, store);
  made.id = `field-${one.custom_id}`;
  made.wrong = node("small.wrong", { role: "alert", hidden: true });
  made.target.id = made.id;
  made.target.dataset.customId = one.custom_id;
  if (made.target.matches(".group")) made.target.setAttribute("aria-label", label);
  made.check = () => {
    const sentence = made.problem();
    Object.assign(made.wrong, { textContent: sentence ?? "", hidden: !sentence });
    made.target.setAttribute("aria-invalid", String(Boolean(sentence)));
    return sentence ? made.target : null;
  };
  return made;
}

function text(one) {
  const most = one.max_length ?? TEXT_MAX;
  const field = node(one.style === 2 ? "textarea" : "input", { placeholder: one.placeholder ?? "", maxLength: most, autocomplete: "off" });
  field.value = one.value ?? "";
  const count = node("small.count", { "aria-hidden": "true" });
  const tally = () => (count.textContent = one.max_length || field.value.length > most * 0.8 ? `${field.value.length} / ${most}` : "");
  field.addEventListener("input", tally);
  tally();
  return {
    element: node("div.counted", {}, field, count),
    target: field,
    problem: () => {
      const { length } = field.value;
      if (!length) return isRequired(one) ? "Please fill this in." : null;
      return length < (one.min_length ?? 0) ? `At least ${one.min_length} characters, please.` : null;
    },
    read: (answer, id) => (answer.values[id] = field.value),
  };
}

function howMany(one, count) {
  if (!count) return isRequired(one) ? "Please choose." : null;
  const [least, most] = [one.min_values ?? 1, one.max_values ?? 1];
  return count < least || count > most ? `Choose ${least === most ? least : `${least} to ${most}`}.` : null;
}

function select(one, store) {
  let chosen = chosenIn(one, store).map((each) => each.value);
  const words = node("span.words");
  const field = node("button.choose", { type: "button", "aria-haspopup": "listbox" }, words, icon("down"));
  const show = () => {
    const picked = choicesOf(one, store).filter((each) => chosen.includes(each.value));
    const shown = picked.map((each) => node("span.picked", {}, mark(each, store), each.label));
    words.replaceChildren(...(shown.length ? shown : [node("span.placeholder", {}, one.placeholder ?? "Choose")]));
  };
  field.addEventListener("click", () => chooseFrom(one, field, store, chosen, (values) => ((chosen = values), show())));
  show();
  return { element: field, target: field, problem: () => howMany(one, chosen.length), read: (answer, id) => (answer.values[id] = chosen) };
}

function upload(one) {
  const most = one.max_values ?? 1;
  const files = new Files({ most });
  const field = node("button.picker", { type: "button" }, icon("picture"), most > 1 ? `Choose or drop up to ${most} files` : "Choose or drop a file");
  field.addEventListener("click", () => files.choose());
  files.dropOn(field);
  return {
    element: node("div", {}, field, files.input, files.tray),
    target: field,
    problem: () => howMany(one, files.list.length),
    read: (answer, id) => files.list.forEach((file, index) => answer.files.push([index ? `${id}#${index}` : id, file])),
  };
}

// Radio buttons (one) or checkboxes (several), as a group.
function choices(one) {
  const many = one.type === 22;
  const rows = one.options.map((each) => {
    const box = node("input", { type: many ? "checkbox" : "radio", name: `group-${one.custom_id}`, value: each.value, checked: Boolean(each.default) });
    const words = node("span", {}, emoji(each.emoji), each.label, each.description ? node("small", {}, each.description) : null);
    return node("label.check", {}, box, words);
  });
  const group = node("div.group", { role: many ? "group" : "radiogroup", tabIndex: -1 }, ...rows);
  const picked = () => [...group.querySelectorAll("input:checked")].map((each) => each.value);
  return {
    element: group,
    target: group,
    problem: () => howMany({ ...one, max_values: many ? (one.max_values ?? one.options.length) : 1 }, picked().length),
    read: (answer, id) => (answer.values[id] = many ? picked() : (picked()[0] ?? null)),
  };
}

function checkbox(one) {
  const box = node("input", { type: "checkbox", checked: Boolean(one.default) });
  return { element: node("label.check", {}, box, node("span", {}, "Yes")), target: box, problem: () => null, read: (answer, id) => (answer.values[id] = box.checked) };
}

// The list that a select opens, in messages and modals.

import { icon, node } from "../base/dom.js";
import { float } from "../base/float.js";
import { Listbox } from "../base/listbox.js";
import { choicesOf, chosenIn, emoji } from "../message/controls.js";
import { face } from "../message/row.js";

const SEARCH_FROM = 9; // shorter lists are read at a glance

export function mark(one, store) {
  if (one.kind === "user") return face(one.value, one.label, store);
  if (one.kind === "channel") return icon(one.thread ? "thread" : "hash");
  if (one.kind === "role") {
    const dot = node("span.dot");
    if (one.colour) dot.style.setProperty("--role", `#${one.colour.toString(16).padStart(6, "0")}`);
    return dot;
  }
  return emoji(one.emoji);
}

function componentOf(list, customId) {
  for (const one of list) {
    if (one.custom_id === customId) return one;
    const found = componentOf([...(one.components ?? []), ...(one.accessory ? [one.accessory] : [])], customId);
    if (found) return found;
  }
  return null;
}

export function openChooser(button, message, store, chosen) {
  const select = componentOf(message.components, button.dataset.customId);
  chooseFrom(select, button, store, chosenIn(select, store).map((one) => one.value), chosen);
}

// Opens the list of `select` at `button`. One choice is sent at once, several by a button.
export function chooseFrom(select, button, store, before, chosen) {
  const many = (select.max_values ?? 1) > 1;
  const [least, most] = [select.min_values ?? 1, select.max_values ?? 1];
  const all = choicesOf(select, store).map((one) => ({ ...one, mark: mark(one, store), dataset: { choice: one.value } }));
  const title = select.placeholder ?? "Choose";
  const done = node("button.press", { type: "button", dataset: { style: 1, act: "chosen" } }, "Choose");
  const count = node("small");
  const finish = (values) => {
    close();
    button.focus();
    chosen(values);
  };
  const list = new Listbox({ label: title, many, chosen: (one) => (many ? tally() : finish([one.value])) });
  before.forEach((one) => list.picked.add(one));
  const tally = () => {
    const chosenCount = list.picked.size;
    done.disabled = chosenCount < least || chosenCount > most;
    count.textContent = least === most ? `${chosenCount} of ${most}` : `${chosenCount} chosen · ${least} to ${most}`;
  };
  const field = node("input", { type: "text", role: "combobox", placeholder: "Search", autocomplete: "off", "aria-label": title, "aria-expanded": "true", "aria-controls": list.id });
  const top = node("div.search", {}, icon("search"), field);
  if (all.length < SEARCH_FROM) top.classList.add("unseen");
  const panel = node("div.chooser", { role: "dialog", "aria-label": title }, node("p.label", {}, title), top, list.element);
  if (many) panel.append(node("div.foot", {}, count, done));
  if (!many && least === 0 && before.length) {
    const none = node("button.press", { type: "button" }, "Choose nothing");
    none.addEventListener("click", () => finish([]));
    panel.append(node("div.foot", {}, none));
  }
  list.owner = field;
  const search = () => list.show(all.filter((one) => `${one.label} ${one.description ?? ""}`.toLowerCase().includes(field.value.toLowerCase())));
  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => list.key(event, many ? ["Enter", " "] : ["Enter"]));
  done.addEventListener("click", () => finish([...list.picked]));
  button.setAttribute("aria-expanded", "true");
  const close = float(panel, button, { closed: () => button.removeAttribute("aria-expanded") });
  panel.style.setProperty("--least", `${button.offsetWidth}px`);
  search();
  tally();
  field.focus();
}

// Elements: made in one call, and changed in place, so that what a person holds (focus, a playing film) survives an edit.

import { ICONS } from "./icons.js";

const SVG = "http://www.w3.org/2000/svg";
const KEPT_BY_PICTURES = new Set(["src", "width", "height", "data-attachment"]);

export const $ = (id) => document.getElementById(id);

// node("button.press.main", { type: "button", dataset: { act: "press" }, "aria-label": "…" }, …children)
export function node(kind, properties = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name === "dataset") Object.assign(made.dataset, value);
    else if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

export function icon(name) {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("viewBox", "0 0 20 20");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  for (const d of ICONS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    made.append(path);
  }
  return made;
}

// A button that shows an icon only; its name is read out and shown on hover.
export function iconButton(name, label, properties = {}) {
  return node("button.quiet", { type: "button", title: label, "aria-label": label, ...properties }, icon(name));
}

// Turns `old` into `fresh` in place and returns what now stands there. Children with a data-key are matched by it.
export function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.dataset?.key !== fresh.dataset?.key) {
    old.replaceWith(fresh);
    return fresh;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return old;
  }
  if (old.dataset.kept !== undefined) return old;
  copyAttributes(old, fresh);
  copyChildren(old, fresh);
  return old;
}

function copyAttributes(old, fresh) {
  const passed = (name) => name === "style" || name.startsWith("data-own-") || (old.dataset.src && KEPT_BY_PICTURES.has(name));
  for (const { name } of [...old.attributes]) if (!passed(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of [...fresh.attributes]) if (!passed(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  // Written as an object: the page's policy refuses style attributes.
  if (old.style && old.dataset.ownStyle === undefined && old.style.cssText !== fresh.style.cssText) old.style.cssText = fresh.style.cssText;
}

function copyChildren(old, fresh) {
  const keyed = new Map([...old.children].filter((one) => one.dataset?.key).map((one) => [one.dataset.key, one]));
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const key = wanted.dataset?.key;
    while (at && !key && at.dataset?.key && !fresh.querySelector(`:scope > [data-key="${CSS.escape(at.dataset.key)}"]`)) at = dropped(at);
    const match = key ? keyed.get(key) : at && at.nodeName === wanted.nodeName && !at.dataset?.key ? at : null;
    if (!match) {
      old.insertBefore(wanted, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    morph(match, wanted);
  }
  while (at) at = dropped(at);
}

function dropped(one) {
  const next = one.nextSibling;
  one.remove();
  return next;
}

// Shows `entries` in `parent`, in place where they were there before (by their data-key).
export function fill(parent, ...entries) {
  copyChildren(parent, node("div", {}, ...entries));
}

// Panels that float beside what opened them: menus, lists of choices, the emoji picker. One at a time closes the others.

import { node } from "./dom.js";

const GAP_PX = 6;
const EDGE_PX = 8;
let open = null;

// Shows `panel` at an element, or at a point {x, y}. Returns a function that closes it; `closed` hears of the end.
export function float(panel, at, { side = "below", align = "start", closed, sheet = true } = {}) {
  closeFloat();
  panel.setAttribute("popover", "manual"); // the top layer: above dialogs too
  panel.classList.add("float");
  panel.classList.toggle("sheet", sheet);
  (document.querySelector("dialog[open]") ?? document.body).append(panel);
  panel.showPopover();
  const shade = sheet ? node("div.shade") : null;
  if (shade) panel.before(shade);
  const place = () => put(panel, at, side, align);
  const outside = (event) => {
    if (!panel.contains(event.target) && !(at.contains?.(event.target))) close();
  };
  const escape = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close();
    if (at.focus) at.focus();
  };
  const close = () => {
    if (open !== close) return;
    open = null;
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", escape, true);
    window.removeEventListener("resize", place);
    watcher.disconnect();
    shade?.remove();
    panel.remove();
    closed?.();
  };
  const watcher = new ResizeObserver(place);
  watcher.observe(panel);
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", escape, true);
  window.addEventListener("resize", place);
  open = close;
  place();
  return close;
}

export function closeFloat() {
  open?.();
}

function put(panel, at, side, align) {
  const box = at.getBoundingClientRect?.() ?? { left: at.x, right: at.x, top: at.y, bottom: at.y };
  const { offsetWidth: width, offsetHeight: height } = panel;
  const below = box.bottom + GAP_PX;
  const above = box.top - GAP_PX - height;
  const fitsBelow = below + height <= innerHeight - EDGE_PX;
  const top = (side === "below" && fitsBelow) || above < EDGE_PX ? Math.min(below, innerHeight - EDGE_PX - height) : above;
  const left = align === "start" ? box.left : box.right - width;
  panel.style.top = `${Math.max(EDGE_PX, top)}px`;
  panel.style.left = `${Math.max(EDGE_PX, Math.min(left, innerWidth - EDGE_PX - width))}px`;
}

// A menu: entries {label, icon, act, danger, dataset} with null for a line, and "words" for a heading.
export function openMenu(entries, at, { label = "Menu", align = "start", above } = {}) {
  let close = () => {};
  const panel = node("div.menu", { role: "menu", "aria-label": label, tabIndex: -1 });
  if (above) panel.append(above(() => close()));
  for (const entry of entries) {
    if (entry === null) panel.append(node("hr", { role: "separator" }));
    else if (typeof entry === "string") panel.append(node("p.label", { role: "presentation" }, entry));
    else panel.append(item(entry, () => close()));
  }
  close = float(panel, at, { align });
  const items = () => [...panel.querySelectorAll("[role=menuitem], .quick button")];
  panel.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = items();
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  });
  (panel.querySelector("[role=menuitem]") ?? panel).focus({ preventScroll: true });
  return close;
}

function item({ label, hint, icon, act, danger, dataset }, close) {
  const made = node("button", { type: "button", role: "menuitem", dataset }, node("span", {}, label), hint ? node("kbd", {}, hint) : null, icon);
  if (danger) made.classList.add("danger");
  made.addEventListener("click", () => {
    close();
    act();
  });
  return made;
}

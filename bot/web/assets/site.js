// What is comfortable and not needed: every page works without this.
"use strict";

const one = (selector) => document.querySelector(selector);
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// --- More pictures as one scrolls: the next page's, put at the end of this one's.
const wall = one(".wall");
const state = one(".state");
let loading = false;

async function more(link) {
  if (loading) return;
  loading = true;
  state.textContent = wall.dataset.loading;
  try {
    const answer = await fetch(link.href);
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const known = new Set([...wall.querySelectorAll("a")].map((entry) => entry.pathname));
    for (const item of page.querySelectorAll(".wall > li")) {
      if (!known.has(item.querySelector("a").pathname)) wall.append(document.adoptNode(item));
    }
    const next = page.querySelector('.more a[rel="next"]');
    if (next) {
      link.href = next.getAttribute("href");
      watch.unobserve(link); // it may still be in sight: look at it anew
      watch.observe(link);
    } else {
      link.remove();
    }
    state.textContent = "";
  } catch {
    state.textContent = wall.dataset.failed;
    watch.unobserve(link); // a click follows it as ever
  }
  loading = false;
}

const watch = new IntersectionObserver(
  (seen) => seen.filter((entry) => entry.isIntersecting).forEach((entry) => more(entry.target)),
  { rootMargin: "900px" },
);
const next = wall && one('.more a[rel="next"]');
if (next) watch.observe(next);

// --- Photo and dream, one over the other.
const pair = one(".pair.two");
if (pair) {
  const bar = document.createElement("span");
  bar.className = "bar";
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: "0", max: "100", step: "0.5", value: "50" });
  slider.setAttribute("aria-label", pair.dataset.label);
  const dream = pair.querySelector(".dream img");
  pair.style.setProperty("--shape", `${dream.getAttribute("width")} / ${dream.getAttribute("height")}`);
  slider.addEventListener("input", () => pair.style.setProperty("--at", `${slider.value}%`));
  pair.classList.add("slides");
  pair.append(bar, slider);
}

// --- Copy.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  const said = button.textContent;
  const words = document.getElementById(button.dataset.copy);
  const status = button.closest("section").querySelector('[role="status"]');
  button.addEventListener("click", async () => {
    let copied = true;
    try {
      await navigator.clipboard.writeText(words.textContent);
    } catch { // only safe addresses may write to the clipboard
      getSelection().selectAllChildren(words);
      copied = document.execCommand("copy");
    }
    button.textContent = status.textContent = copied ? button.dataset.copied : button.dataset.yourself;
    setTimeout(() => (button.textContent = said), 2500);
  });
}

// --- Keys: arrows go from picture to picture, Escape back to all of them.
function neighbour(from, key) {
  const items = [...wall.querySelectorAll("a")];
  const at = items.indexOf(from);
  const forward = document.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  if (key === "ArrowLeft" || key === "ArrowRight") return items[at + (key === forward ? 1 : -1)];
  const here = from.getBoundingClientRect();
  const middle = here.left + here.width / 2;
  const off = (box) => Math.abs(box.left + box.width / 2 - middle);
  const beyond = items
    .map((item) => [item, item.getBoundingClientRect()])
    .filter(([, box]) => (key === "ArrowDown" ? box.top > here.top + 5 : box.top < here.top - 5));
  const rows = beyond.map(([, box]) => box.top);
  const row = key === "ArrowDown" ? Math.min(...rows) : Math.max(...rows);
  return beyond.filter(([, box]) => Math.abs(box.top - row) < 5).sort((a, b) => off(a[1]) - off(b[1]))[0]?.[0];
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const link = one(`[data-key="${CSS.escape(event.key)}"]`);
  if (link) {
    event.preventDefault();
    link.click();
    return;
  }
  const from = event.target.closest?.(".wall a");
  const to = from && event.key.startsWith("Arrow") && neighbour(from, event.key);
  if (to) {
    event.preventDefault();
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: "nearest", behavior: still() ? "auto" : "smooth" });
  }
});

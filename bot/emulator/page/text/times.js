// Times as people read them, by the emulator's clock.

const UNITS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};
const DAY_MS = 86_400_000;

export const clockTime = (date) => date.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
export const fullTime = (date) => date.toLocaleString([], { dateStyle: "full", timeStyle: "short" });
export const dayOf = (date) => `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;

export function dayName(date, now) {
  if (dayOf(date) === dayOf(new Date(now))) return "Today";
  if (dayOf(date) === dayOf(new Date(now - DAY_MS))) return "Yesterday";
  return date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

export function ago(at, now) {
  const seconds = Math.round((at - now) / 1000);
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? UNITS.at(-1);
  return relative.format(Math.round(seconds / size), unit);
}

// What <t:at:style> shows; `at` in seconds.
export function stamp(at, style, now) {
  if (style === "R") return ago(at * 1000, now);
  return new Date(at * 1000).toLocaleString([], STYLES[style] ?? STYLES.f);
}

// Keeps the relative times on the page true.
export function keepRelative(now) {
  setInterval(() => {
    for (const one of document.querySelectorAll("time[data-relative]")) one.textContent = ago(Number(one.dataset.relative) * 1000, now());
  }, 5000);
}

// The drawer of faults: disturb the wire, break calls, move the clock, and see what the app did wrong.

import { ask } from "../base/link.js";
import { $, fill, icon, iconButton, node } from "../base/dom.js";
import { clockTime } from "../text/times.js";
import { brokenCalls, permissions, slowFiles } from "./faultforms.js";

const LOOK_AGAIN_MS = 400;
const LOOK_WHILE_OPEN_MS = 2000; // sockets come and go unannounced
const CLOCK = [["+ 3 s", 3.1], ["+ 15 min", 901], ["+ 1 day", 86_400]];
const GATEWAY = [["Drop the socket", "drop"], ["Ask to reconnect", "reconnect"], ["Invalidate the session", "invalidate"]];

export class FaultsDrawer {
  constructor(store) {
    this.store = store;
    this.element = $("faults");
    this.button = $("faults-open");
    this.button.append(icon("bolt"), node("span.count", { hidden: true, id: "violation-count" }));
    this.button.addEventListener("click", () => this.toggle(this.element.hidden));
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle(false));
    store.on("change", () => this.lookSoon());
    store.on("faults", (faults) => this.showArmed(faults));
    store.on("here", () => this.element.hidden || this.draw());
    this.interactions = [];
    store.on("interaction", (one) => this.remember(one));
    this.lookSoon();
    ask("faults").then(({ faults }) => this.showArmed(faults)).catch(() => {});
  }

  toggle(open) {
    this.element.hidden = !open;
    clearInterval(this.watch);
    if (open) this.watch = setInterval(() => this.look(), LOOK_WHILE_OPEN_MS);
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) {
      this.button.focus();
      return;
    }
    this.draw();
    this.look();
    this.element.querySelector("button").focus();
  }

  // Does what a button or form asks and says in the drawer what came of it.
  async act(route, body, done, method) {
    try {
      await ask(route, { body, method });
      this.say(done);
    } catch (error) {
      this.say(error.message, true);
    }
    this.look();
  }

  say(words, bad = false) {
    this.told.textContent = words;
    this.told.classList.toggle("bad", bad);
  }

  draw() {
    const close = iconButton("close", "Close (Esc)");
    close.addEventListener("click", () => this.toggle(false));
    this.told = node("p.told", { role: "status" });
    this.state = node("dl.facts");
    this.armed = node("ul.armed");
    this.wrong = node("ul.wrong");
    const refuse = node("input", { type: "number", min: 0, max: 9, value: 0, id: "refuse" });
    const gateway = GATEWAY.map(([label, how]) => this.button_(label, `gateway-${how}`, () => this.act("faults/gateway", { how, refuse_resumes: Number(refuse.value) }, "Done: the app has to find its way back.")));
    const clock = CLOCK.map(([label, by]) => this.button_(label, `clock-${Math.round(by)}`, () => this.act("clock", { forward_s: by }, "The clock has moved.")));
    const head = node("header", {}, node("h2", {}, "Faults"), close);
    this.element.replaceChildren(
      head,
      this.told,
      this.state,
      section("Clock", "Deadlines, tokens and addresses expire as if the time had passed.", node("div.controls", {}, ...clock)),
      section("Gateway", "", node("div.controls", {}, ...gateway), node("label.line", { htmlFor: "refuse" }, "Resumes to refuse afterwards", refuse)),
      section("Calls", "The app’s next calls that match go wrong.", brokenCalls(this)),
      section("Files", "The CDN is slow, or refuses.", slowFiles(this)),
      section("This channel", "", permissions(this)),
      section("Interactions", "Lets a token expire at once.", this.tokens()),
      section("Armed", "", this.armed),
      section("What the app got wrong", "Bodies that Discord would refuse, or pass over in part.", this.wrong),
    );
  }

  button_(label, fault, act) {
    const made = node("button.press", { type: "button", dataset: { style: 2, fault } }, label);
    made.addEventListener("click", act);
    return made;
  }

  remember(one) {
    this.interactions = [one, ...this.interactions.filter((each) => each.id !== one.id)].slice(0, 5);
    if (!this.element.hidden && this.tokenList) fill(this.tokenList, ...this.tokenRows());
  }

  tokens() {
    this.tokenList = node("ul.armed", {}, ...this.tokenRows());
    return this.tokenList;
  }

  tokenRows() {
    if (!this.interactions.length) return [node("li.none", { dataset: { key: "none" } }, "None yet in this window.")];
    return this.interactions.map((one) => {
      const button = this.button_("Expire", `token-${one.id}`, () => this.act("faults/token", { interaction: one.id }, "That token is dead."));
      return node("li", { dataset: { key: one.id } }, node("span", {}, `${one.kind === "command" ? "/" : ""}${one.name} · ${one.state}`), button);
    });
  }

  lookSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), LOOK_AGAIN_MS);
  }

  async look() {
    const { violations } = await ask("violations").catch(() => ({ violations: [] }));
    const count = $("violation-count");
    count.hidden = !violations.length;
    count.textContent = violations.length > 99 ? "99+" : String(violations.length);
    this.button.setAttribute("aria-label", `Faults and the clock${violations.length ? `; ${violations.length} wrong bodies` : ""}`);
    if (this.element.hidden) return;
    const state = await ask("state").catch(() => null);
    if (state) this.showState(state);
    const none = node("li.none", { dataset: { key: "none" } }, "Nothing so far.");
    fill(this.wrong, ...(violations.length ? violations.slice(-20).reverse().map((one, index) => violation(one, violations.length - index)) : [none]));
    const { faults } = await ask("faults").catch(() => ({ faults: [] }));
    this.showArmed(faults);
  }

  showState(state) {
    const connected = state.connected === 1 ? "1 socket" : `${state.connected} sockets`;
    const facts = [[`${this.store.bot.display} is`, state.connected ? `connected, ${connected}` : "not connected"], ["The clock says", `${new Date(state.now).toLocaleDateString()} ${clockTime(new Date(state.now))}`], ["Commands", String(state.commands.length)]];
    this.state.replaceChildren(...facts.flatMap(([term, words]) => [node("dt", {}, term), node("dd", {}, words)]));
    this.store.clockAhead = Date.parse(state.now) - Date.now();
  }

  showArmed(faults) {
    this.button.toggleAttribute("data-any-armed", faults.length > 0);
    this.button.title = faults.length ? "Faults and the clock: something is armed" : "Faults and the clock";
    if (!this.armed) return;
    const rows = faults.map((one) => node("li", { dataset: { key: one.id, armed: one.id } }, node("span", {}, one.words), one.left ? node("small", {}, `${one.left} left`) : null));
    const none = node("li.none", { dataset: { key: "none" } }, "Nothing is armed.");
    const all = this.button_("Disarm all", "disarm", () => this.act("faults", undefined, "All faults are off.", "DELETE"));
    fill(this.armed, ...(rows.length ? [...rows, node("li", { dataset: { key: "all" } }, all)] : [none]));
  }
}

function section(title, words, ...inside) {
  return node("section", {}, node("h3", {}, title), words ? node("p", {}, words) : null, ...inside);
}

const KINDS = { body: "refused", unknown_field: "passed over", response: "our own mistake" };

function violation(one, key) {
  const findings = node("ul", {}, ...one.findings.map((each) => node("li", {}, each.path ? node("code", {}, each.path) : null, each.path ? " " : "", each.message ?? String(each))));
  return node("li", { dataset: { key } }, node("b", {}, `${one.method} ${one.path}`), node("small", {}, KINDS[one.kind] ?? one.kind), findings);
}

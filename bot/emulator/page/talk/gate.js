// The question before an age-restricted channel, asked once a person while this window is open.

import { $ } from "../base/dom.js";

const remembered = (person) => `of-age ${person}`;

export class Gate {
  // `leave()` goes back to where no question is asked.
  constructor(store, leave) {
    this.store = store;
    this.element = $("gate");
    this.element.querySelector("[data-gate=yes]").addEventListener("click", () => {
      sessionStorage.setItem(remembered(store.me), "yes");
      this.look();
      $("text").focus();
    });
    this.element.querySelector("[data-gate=no]").addEventListener("click", leave);
    store.on("places", () => this.look());
  }

  look() {
    const asked = this.store.isRestricted(this.store.place) && !sessionStorage.getItem(remembered(this.store.me));
    this.element.hidden = !asked;
    $("conversation").inert = asked;
    if (asked) this.element.querySelector("[data-gate=yes]").focus();
  }
}

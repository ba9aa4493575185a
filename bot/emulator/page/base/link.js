// The control API: requests, and the live connection that comes back by itself.

const KEY = location.hash.slice(1) || sessionStorage.getItem("key") || "";
sessionStorage.setItem("key", KEY);
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5000;
const WRONG_KEY = 4004; // the close code that the emulator answers a wrong key with

export class LinkError extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status; // 0: no answer at all
  }
}

// Asks a route. `files`: [[form field, File], …]. Throws LinkError with a sentence for the person.
export async function ask(path, { method, body, files = [], query } = {}) {
  const init = { method: method ?? (body ? "POST" : "GET"), headers: { "X-Emulator-Key": KEY } };
  if (files.length) {
    init.body = new FormData();
    init.body.append("payload_json", JSON.stringify(body));
    for (const [name, file] of files) init.body.append(name, file, file.name);
  } else if (body) {
    init.body = JSON.stringify(body);
    init.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(`control/${path}${query ? `?${new URLSearchParams(query)}` : ""}`, init);
  } catch {
    throw new LinkError("The emulator does not answer. It may have ended; nothing you typed is lost.", 0);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new LinkError(answer.error ?? `The emulator answered ${response.status}.`, response.status);
  return answer;
}

export const hasKey = () => Boolean(KEY);
export const addressAs = (username) => `${location.pathname}?as=${encodeURIComponent(username)}#${KEY}`;

// One person's live changes. `told`: {state(name), change(change)}; `since()` is where to go on after a loss.
export class Live {
  constructor(person, since, told) {
    Object.assign(this, { person, since, told, over: false, retry: FIRST_RETRY_MS });
    this.connect();
  }

  connect() {
    this.told.state("connecting");
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/control/live`);
    this.socket = socket;
    socket.addEventListener("open", () => {
      socket.send(JSON.stringify({ key: KEY, person: this.person, since: this.since() }));
      this.retry = FIRST_RETRY_MS;
      if (!this.over) this.told.state("live");
    });
    socket.addEventListener("message", (event) => this.over || this.told.change(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => {
      if (this.over) return;
      this.told.state(event.code === WRONG_KEY ? "refused" : "lost");
      if (event.code === WRONG_KEY) return;
      this.timer = setTimeout(() => this.connect(), this.retry);
      this.retry = Math.min(this.retry * 2, LAST_RETRY_MS);
    });
  }

  end() {
    this.over = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}

// Follows the published snapshot: asks with its ETag now and then, and at once when an event stream tells of another.

import { Evaluator, type Snapshot } from "../evaluator/living-personas-evaluator.mjs";

/** Where snapshots come from. Without `snapshot` it is the service's own, and `key` opens it. */
export interface Source {
  /** The address of the service, such as `https://personas.example.com`: its stream tells of news within a second. */
  service?: string;
  /** A key of the service: secret, with the scopes `decide` and `snapshot`; in pages publishable, beside `snapshot`. */
  key?: string;
  /** The address of a copy of the snapshot, on a CDN. */
  snapshot?: string;
  /** Seconds between two questions whether there is a newer one; 60 unless given. */
  every?: number;
}

/** What becomes of the snapshot, told to the provider. */
export interface Listener {
  changed(flags: string[]): void;
  /** There is no newer one to be had, and what is here goes on. */
  stale(why: string): void;
  fresh(): void;
}

const PATIENCE_MS = 10_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/** The newest snapshot that could be read. */
export class SnapshotFeed {
  evaluator: Evaluator | undefined;
  readonly #source: Source;
  readonly #address: string;
  readonly #every: number;
  readonly #listener: Listener;
  readonly #closing = new AbortController();
  #etag = "";
  #document = "";
  #told = 0;
  #isStale = false;
  #wake = (): void => {};

  /** @throws TypeError if the source does not say where the snapshot is. */
  constructor(source: Source, listener: Listener) {
    const { service, snapshot, every = 60 } = source;
    if (!service && !snapshot) throw new TypeError("Say where the snapshot is: `service` and `key`, or `snapshot`.");
    this.#source = source;
    this.#address = snapshot ?? `${trimmed(service!)}/v1/snapshot`;
    this.#every = every * 1000;
    this.#listener = listener;
  }

  /**
   * Fetch the first snapshot, then follow it until `close`.
   *
   * @throws Error if it cannot be fetched or read.
   */
  async start(): Promise<void> {
    await this.#fetch();
    void this.#follow();
    if (this.#source.service && this.#source.key) void this.#listen();
  }

  /** Follow it no more; what is here stays. */
  close(): void {
    this.#closing.abort();
    this.#wake();
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Ask every so often; sooner while a stream has told of a snapshot that this address does not have yet. */
  async #follow(): Promise<void> {
    let pause = this.#every;
    while (!this.#isClosed) {
      await this.#pause(Math.min(pause, this.#every));
      if (this.#isClosed) return;
      try {
        await this.#fetch();
        if (this.#isStale) this.#listener.fresh();
        this.#isStale = false;
      } catch (error) {
        if (!this.#isStale && !this.#isClosed) this.#listener.stale(String(error));
        this.#isStale = true;
      }
      const isBehind = this.evaluator!.snapshot.number < this.#told;
      pause = isBehind ? (pause === this.#every ? FIRST_PAUSE_MS : pause * 2) : this.#every;
    }
  }

  async #fetch(): Promise<void> {
    const headers = { ...this.#authorization(), ...(this.#etag ? { "If-None-Match": this.#etag } : {}) };
    const answer = await fetch(this.#address, { headers, signal: this.#until(PATIENCE_MS), cache: "no-cache" });
    if (answer.status === 304 && this.evaluator) return;
    if (!answer.ok) throw new Error(`The snapshot's address answers ${answer.status}.`);
    const document = await answer.text();
    if (document !== this.#document) this.#take(new Evaluator(JSON.parse(document) as Snapshot));
    this.#document = document;
    this.#etag = answer.headers.get("etag") ?? "";
  }

  #take(evaluator: Evaluator): void {
    const before = this.evaluator;
    this.evaluator = evaluator;
    // A service that was restored from a backup counts on from there: what it told of before is no news to wait for.
    if (before && evaluator.snapshot.number <= before.snapshot.number) this.#told = 0;
    if (before) this.#listener.changed([...new Set([...before.attributes, ...evaluator.attributes])]);
  }

  /** The service's stream, opened again whenever it ends; each event has the number of a snapshot as its id. */
  async #listen(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!this.#isClosed) {
      try {
        const headers = { Authorization: `Bearer ${this.#source.key}`, Accept: "text/event-stream" };
        const address = `${trimmed(this.#source.service!)}/ofrep/v1/event-stream`;
        const answer = await fetch(address, { headers, signal: this.#closing.signal, cache: "no-store" });
        if (answer.ok && answer.body) {
          pause = FIRST_PAUSE_MS;
          for await (const line of lines(answer.body)) this.#hear(line);
        } else await answer.body?.cancel();
      } catch {
        // It is asked every so often all the same.
      }
      await sleep(pause, this.#closing.signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  #hear(line: string): void {
    const number = Number(/^id: ?([0-9]+)$/.exec(line)?.[1] ?? 0);
    if (number <= Math.max(this.#told, this.evaluator!.snapshot.number)) return;
    this.#told = number;
    this.#wake();
  }

  /** A copy on a CDN is nobody's who must be told the key. */
  #authorization(): Record<string, string> {
    const { key, snapshot } = this.#source;
    return key && !snapshot ? { Authorization: `Bearer ${key}` } : {};
  }

  async #pause(milliseconds: number): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await sleep(milliseconds, woken.signal);
  }

  #until(milliseconds: number): AbortSignal {
    return AbortSignal.any([this.#closing.signal, AbortSignal.timeout(milliseconds)]);
  }
}

/** An address without slashes at its end. */
export const trimmed = (address: string): string => address.replace(/\/+$/, "");

/** Wait so long, or until the signal; a server's process may end meanwhile. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    const timer: unknown = setTimeout(done, milliseconds);
    if (typeof timer === "object") (timer as { unref(): void }).unref();
    signal.addEventListener("abort", () => { clearTimeout(timer as number); done(); }, { once: true });
  });
}

async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const parts = (rest + read.value).split(/\r?\n/);
    rest = parts.pop()!;
    yield* parts;
  }
}

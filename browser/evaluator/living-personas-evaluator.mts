/*
 * Decides from a published snapshot (`GET /v1/snapshot`) what the service decides, byte for byte: on a CDN's edge, in a
 * server, in a page. One file, nothing else is needed.
 *
 *   import { Evaluator } from "./living-personas-evaluator.mjs";
 *   const evaluator = new Evaluator(await (await fetch(address)).json());
 *   evaluator.decide("u1", { plan: "free", orders: 3 }, { at: new Date(), channel: "web" });
 */

import { dayNumber, isoDate, localDays, microseconds } from "./days.js";
import { md5 } from "./md5.js";
import { readRule, type Rule } from "./rules.js";
import type { Known } from "./steps.js";
import { ordered } from "./texts.js";

/** Shares for those of a persona of whom the rule `leaf` is true. */
export interface LeafTable {
  leaf: string;
  policy: string;
  shares: number[];
  thresholds: string[];
}

/** Shares of an attribute's options for epochs that begin on `day`; `thresholds` are their running sums in hex. */
export interface PolicyTable {
  policy: string;
  day: string;
  shares: number[];
  thresholds: string[];
  inside?: LeafTable | null;
}

/** How long a customer keeps an option. */
export type Assign = "visit" | "day" | "week" | "campaign" | "always";

/** How to choose one attribute. */
export interface SnapshotAttribute {
  attribute: string;
  channel: string;
  options: string[];
  assign: Assign;
  believed: string;
  since: string;
  tables: PolicyTable[];
}

/** Whom a persona holds, and how to choose for its members. */
export interface SnapshotPersona {
  persona: string;
  version: number;
  who: string;
  attributes: SnapshotAttribute[];
}

/** Everything that is needed to decide, as `/v1/snapshot` answers; personas in order of priority. */
export interface Snapshot {
  number: number;
  day: string;
  salt: string;
  time_zone: string;
  holdout_share: number;
  holdout_below: string;
  personas: SnapshotPersona[];
  campaigns?: [name: string, starts: string][];
  format?: number;
}

/** A value that is known of a customer; null and undefined are unknown. Numbers are read as JSON would carry them. */
export type Trait = string | number | bigint | boolean | null | undefined;

/** What a trait is read as: it follows from what the rules compare it with. */
export type Kind = "number" | "text" | "boolean";

/** When, where and on which occasion: `at` is a moment, or its microseconds since 1970; `only` names attributes. */
export interface Occasion {
  at: Date | bigint;
  channel?: string;
  visit?: string;
  campaign?: string;
  only?: Iterable<string>;
}

/** The option of one attribute, the table it was drawn from, and how probable it was. */
export interface Choice {
  attribute: string;
  option: string;
  propensity: number;
  policy: string;
  epoch: string;
}

/** What to show a customer; `undecided` says, by attribute, what is missing to choose it. */
export interface Decision {
  id: string;
  customer: string;
  persona: string;
  persona_version: number;
  holdout: boolean;
  channel: string;
  snapshot: number;
  choices: Choice[];
  undecided: Record<string, string>;
}

/** A snapshot or rule that this evaluator does not understand: it decides nothing from it. */
export class UnreadableError extends Error {}

/** The persona of a customer whom no rule holds. */
export const UNMATCHED = "unmatched";

/** The newest format of snapshots that is understood: 1, and 2 with shares of their own for a part of a persona. */
export const FORMAT = 2;

/** Decides under one snapshot; its rules are read once. */
export class Evaluator {
  readonly snapshot: Snapshot;
  /** Every attribute that some persona has. */
  readonly attributes: ReadonlySet<string>;
  /** What the rules ask of a customer: names of features and traits, with the kind each is read as. */
  readonly columns: ReadonlyMap<string, Kind>;
  readonly #rules: { persona: SnapshotPersona; holds: Rule["holds"]; attributes: SnapshotAttribute[] }[];
  readonly #leaves = new Map<string, Rule["holds"]>();
  readonly #campaigns: ReadonlyMap<string, string>;
  readonly #localDay: (micros: bigint) => number;

  /** @throws UnreadableError if the snapshot is newer than this evaluator, or holds what it does not understand. */
  constructor(snapshot: Snapshot) {
    this.snapshot = checked(snapshot);
    const columns = new Map<string, Kind>();
    const read = (text: string): Rule["holds"] => {
      const rule = readRule(text);
      for (const [name, kind] of rule.columns) columns.set(name, kind);
      return rule.holds;
    };
    this.#rules = snapshot.personas.map((persona) => ({
      persona,
      holds: read(persona.who),
      attributes: persona.attributes.toSorted((one, other) => ordered(one.attribute, other.attribute)),
    }));
    const attributes = snapshot.personas.flatMap((persona) => persona.attributes);
    for (const { leaf } of attributes.flatMap(({ tables }) => tables.flatMap(({ inside }) => inside ?? []))) {
      if (!this.#leaves.has(leaf)) this.#leaves.set(leaf, read(leaf));
    }
    this.attributes = new Set(attributes.map(({ attribute }) => attribute));
    this.columns = columns;
    this.#campaigns = new Map(snapshot.campaigns);
    this.#localDay = localDays(snapshot.time_zone);
  }

  /**
   * Choose every attribute of the customer's persona that has a say on the channel.
   *
   * @param customer the id; its canonical form is hashed, so that each spelling of an address gets the same.
   * @param traits features and traits by name: all that the rules ask and that is not here is unknown.
   * @throws TypeError if a trait is an object, or a text holds half of a surrogate pair.
   */
  decide(customer: string, traits: Readonly<Record<string, Trait>>, occasion: Occasion): Decision {
    const { channel = "", only } = occasion;
    const { salt, number, holdout_below } = this.snapshot;
    const micros = microseconds(occasion.at);
    const day = this.#localDay(micros);
    const hashed = canonicalId(customer);
    const known = (name: string): Trait =>
      Object.hasOwn(traits, name) ? traits[name] : name === "customer" ? hashed : undefined;
    const holdout = hash(salt, "holdout", hashed) < holdout_below;
    const found = this.#rules.find(({ holds }) => holds(known));
    const choices: Choice[] = [];
    const undecided: [string, string][] = [];
    const wanted = only === undefined ? undefined : new Set(only);
    for (const attribute of found?.attributes ?? []) {
      if (attribute.channel !== "" && attribute.channel !== channel) continue;
      if (wanted !== undefined && !wanted.has(attribute.attribute)) continue;
      const epoch = this.#epoch(attribute, hashed, day, occasion);
      if (typeof epoch === "string") undecided.push([attribute.attribute, epoch]);
      else choices.push(this.#choice(attribute, hashed, epoch, holdout, known));
    }
    return {
      id: `d${md5([salt, "decision", number, hashed, channel, micros].join("|")).slice(0, 24)}`,
      customer,
      persona: found?.persona.persona ?? UNMATCHED,
      persona_version: found?.persona.version ?? 0,
      holdout,
      channel,
      snapshot: number,
      choices,
      undecided: Object.fromEntries(undecided),
    };
  }

  #choice({ attribute, channel, options, believed, tables }: SnapshotAttribute, customer: string, epoch: Epoch,
    holdout: boolean, known: Known): Choice {
    if (holdout) return { attribute, option: believed, propensity: 1, policy: "holdout", epoch: epoch.name };
    const start = isoDate(epoch.start);
    const table = tables.findLast(({ day }) => day <= start) ?? tables[0]!;
    const isInside = table.inside != null && this.#leaves.get(table.inside.leaf)!(known);
    const { thresholds, shares, policy } = isInside ? table.inside! : table;
    const drawn = hash(this.snapshot.salt, attribute, channel, customer, epoch.name);
    const index = thresholds.findIndex((threshold) => drawn < threshold);
    return { attribute, option: options[index]!, propensity: shares[index]!, policy, epoch: epoch.name };
  }

  /** The occasion for which an option is kept, or what is missing to know it. */
  #epoch({ attribute, channel, assign, since }: SnapshotAttribute, customer: string, day: number,
    { visit = "", campaign = "" }: Occasion): Epoch | string {
    switch (assign) {
      case "day":
        return { name: isoDate(day), start: day };
      case "week": {
        const spread = hash(this.snapshot.salt, attribute, channel, customer, "offset");
        const offset = SEVENTHS.filter((seventh) => seventh <= spread).length;
        const start = day - ((((day + offset) % 7) + 7) % 7);
        return { name: isoDate(start), start };
      }
      case "always":
        return { name: `since ${since}`, start: dayNumber(since) };
      case "visit":
        return visit ? { name: visit, start: day } : `${attribute} is assigned per visit, and none was given.`;
      case "campaign": {
        const starts = this.#campaigns.get(campaign);
        if (!campaign) return `${attribute} is assigned per campaign, and none was given.`;
        if (starts === undefined) return `There is no campaign ${JSON.stringify(campaign)}.`;
        if (isoDate(day) < starts) return `The campaign ${JSON.stringify(campaign)} begins on ${starts}.`;
        return { name: campaign, start: dayNumber(starts) };
      }
    }
  }
}

interface Epoch {
  name: string;
  /** Days since 1970. */
  start: number;
}

/** Where a hash of eight hex digits passes k/7. */
const SEVENTHS = ["24924925", "49249249", "6db6db6e", "92492493", "b6db6db7", "db6db6dc"];

const ASSIGNS: readonly string[] = ["visit", "day", "week", "campaign", "always"] satisfies Assign[];

function checked(snapshot: Snapshot): Snapshot {
  const { number, format = 1, personas } = snapshot;
  if (!Number.isInteger(format) || format > FORMAT) {
    const newer = "take the evaluator that your service serves (/living-personas-evaluator.mjs)";
    throw new UnreadableError(`Snapshot ${number} has the format ${format}, and this reads up to ${FORMAT}: ${newer}.`);
  }
  if (!Array.isArray(personas)) throw new UnreadableError("This is no snapshot: it has no personas.");
  for (const { attribute, assign, tables } of personas.flatMap((persona) => persona.attributes)) {
    if (!ASSIGNS.includes(assign)) throw new UnreadableError(`${attribute} is assigned per ${assign}: unknown.`);
    if (tables.length === 0) throw new UnreadableError(`${attribute} has no table of shares.`);
  }
  return snapshot;
}

/** The form in which an id is hashed: e-mail addresses in lower case, everything else as it is. */
export function canonicalId(id: string): string {
  return /^[^@]+@[^@]+\.[^@]+$/.test(id) ? id.toLowerCase().normalize("NFC") : id;
}

const hash = (...parts: string[]): string => md5(parts.join("|")).slice(0, 8);

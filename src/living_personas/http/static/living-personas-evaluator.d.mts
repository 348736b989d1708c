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
export declare class UnreadableError extends Error {
}
/** The persona of a customer whom no rule holds. */
export declare const UNMATCHED = "unmatched";
/** The newest format of snapshots that is understood: 1, and 2 with shares of their own for a part of a persona. */
export declare const FORMAT = 2;
/** Decides under one snapshot; its rules are read once. */
export declare class Evaluator {
    #private;
    readonly snapshot: Snapshot;
    /** Every attribute that some persona has. */
    readonly attributes: ReadonlySet<string>;
    /** What the rules ask of a customer: names of features and traits, with the kind each is read as. */
    readonly columns: ReadonlyMap<string, Kind>;
    /** @throws UnreadableError if the snapshot is newer than this evaluator, or holds what it does not understand. */
    constructor(snapshot: Snapshot);
    /**
     * Choose every attribute of the customer's persona that has a say on the channel.
     *
     * @param customer the id; its canonical form is hashed, so that each spelling of an address gets the same.
     * @param traits features and traits by name: all that the rules ask and that is not here is unknown.
     * @throws TypeError if a trait is an object, or a text holds half of a surrogate pair.
     */
    decide(customer: string, traits: Readonly<Record<string, Trait>>, occasion: Occasion): Decision;
}
/** The form in which an id is hashed: e-mail addresses in lower case, everything else as it is. */
export declare function canonicalId(id: string): string;

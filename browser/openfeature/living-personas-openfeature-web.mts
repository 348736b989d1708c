/*
 * An OpenFeature provider for pages that decides in the page, from a published copy of the snapshot.
 * Whoever loads the page can read every rule and share in it.
 *
 *   import { OpenFeature } from "@openfeature/web-sdk";
 *   import { LivingPersonasWebProvider } from "./living-personas-openfeature-web.mjs";
 *   const provider = new LivingPersonasWebProvider({ snapshot: "https://cdn.example.com/snapshot.json" });
 *   await OpenFeature.setContext({ targetingKey: "u1", channel: "web" });
 *   await OpenFeature.setProviderAndWait(provider);
 */

import type {
  EvaluationContext, EvaluationDetails, JsonValue, Provider, ResolutionDetails,
} from "@openfeature/web-sdk";
import { OpenFeatureEventEmitter, ProviderEvents } from "@openfeature/web-sdk";
import { expose, type Told } from "./exposures.js";
import { resolved } from "./flags.js";
import { SnapshotFeed } from "./snapshot-feed.js";

/** Where the snapshot comes from; with `service` and `key` its stream tells of a new one, and exposures are told. */
export interface Options {
  /** The address of a copy of the snapshot, on a CDN: no key in a page opens the service's own. */
  snapshot: string;
  /** The address of the service. */
  service?: string;
  /** A publishable key, for this page's site. */
  key?: string;
  /** Seconds between two questions whether there is a newer snapshot; 60 unless given. */
  every?: number;
  /** Traits that are consents for every channel; those of the service unless given. */
  consents?: readonly string[];
  /** What time it is; the system's clock unless given. */
  clock?: () => Date;
}

/** Resolves attributes as flags, and `persona`, without asking anybody. */
export class LivingPersonasWebProvider implements Provider {
  readonly metadata = { name: "Living Personas" } as const;
  readonly runsOn = "client";
  readonly events = new OpenFeatureEventEmitter();
  readonly #options: Options;
  readonly #feed: SnapshotFeed;

  /** @throws TypeError if the options do not say where the snapshot is. */
  constructor(options: Options) {
    this.#options = options;
    this.#feed = new SnapshotFeed(options, {
      changed: (flagsChanged) => this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged }),
      stale: (message) => this.events.emit(ProviderEvents.Stale, { message }),
      fresh: () => this.events.emit(ProviderEvents.Ready),
    });
  }

  /** Fetches the first snapshot, and follows it from then on. */
  async initialize(): Promise<void> {
    await this.#feed.start();
  }

  /** The context is an argument of each question: nothing has to be fetched anew. */
  onContextChange(): void {}

  /** Follows it no more. */
  async onClose(): Promise<void> {
    this.#feed.close();
  }

  resolveStringEvaluation(
    flag: string, fallback: string, context: EvaluationContext,
  ): ResolutionDetails<string> {
    return this.#resolved(flag, fallback, context, true);
  }

  resolveBooleanEvaluation(
    flag: string, fallback: boolean, context: EvaluationContext,
  ): ResolutionDetails<boolean> {
    return this.#resolved(flag, fallback, context, false);
  }

  resolveNumberEvaluation(
    flag: string, fallback: number, context: EvaluationContext,
  ): ResolutionDetails<number> {
    return this.#resolved(flag, fallback, context, false);
  }

  resolveObjectEvaluation<T extends JsonValue>(
    flag: string, fallback: T, context: EvaluationContext,
  ): ResolutionDetails<T> {
    return this.#resolved(flag, fallback, context, false);
  }

  /**
   * Say that a customer met the option; resolving it is not meeting it.
   *
   * @returns whether it counts: not where the service, which may know more of the customer, decides otherwise.
   * @throws Error if the service cannot be reached or refuses; it may be told again.
   */
  async exposed(details: EvaluationDetails<string>, context: EvaluationContext): Promise<boolean> {
    const { service, key } = this.#options;
    if (!service || !key) throw new TypeError("Exposures need `service` and `key`.");
    return expose({ service, key } satisfies Told, details, context);
  }

  #resolved<T>(flag: string, fallback: T, context: EvaluationContext, isText: boolean): ResolutionDetails<T> {
    const { consents, clock = () => new Date() } = this.#options;
    return resolved(this.#feed.evaluator, flag, fallback, context, { at: clock(), consents, isText });
  }
}

/*
 * An OpenFeature provider for servers that decides in the process, from the published snapshot.
 *
 *   import { OpenFeature } from "@openfeature/server-sdk";
 *   import { LivingPersonasServerProvider } from "./living-personas-openfeature-server.mjs";
 *   const provider = new LivingPersonasServerProvider({ service: "https://personas.example.com", key: "lp_..." });
 *   await OpenFeature.setProviderAndWait(provider);
 */

import type {
  EvaluationContext, EvaluationDetails, JsonValue, Provider, ResolutionDetails,
} from "@openfeature/server-sdk";
import { OpenFeatureEventEmitter, ProviderEvents } from "@openfeature/server-sdk";
import { expose, type Told } from "./exposures.js";
import { resolved } from "./flags.js";
import { SnapshotFeed } from "./snapshot-feed.js";

/** Where the snapshot comes from: the service (`service` and a secret `key`), or a copy of it (`snapshot`). */
export interface Options {
  /** The address of the service, such as `https://personas.example.com`: it tells of a new snapshot within a second. */
  service?: string;
  /** A secret key with the scopes `decide` and `snapshot`, and `write` for exposures. */
  key?: string;
  /** The address of a copy of the snapshot, on a CDN. */
  snapshot?: string;
  /** Seconds between two questions whether there is a newer snapshot; 60 unless given. */
  every?: number;
  /** Traits that are consents for every channel; those of the service unless given. */
  consents?: readonly string[];
  /** What time it is; the system's clock unless given. */
  clock?: () => Date;
}

/** Resolves attributes as flags, and `persona`, without asking anybody. */
export class LivingPersonasServerProvider implements Provider {
  readonly metadata = { name: "Living Personas" } as const;
  readonly runsOn = "server";
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

  /** Follows it no more. */
  async onClose(): Promise<void> {
    this.#feed.close();
  }

  async resolveStringEvaluation(
    flag: string, fallback: string, context: EvaluationContext,
  ): Promise<ResolutionDetails<string>> {
    return this.#resolved(flag, fallback, context, true);
  }

  async resolveBooleanEvaluation(
    flag: string, fallback: boolean, context: EvaluationContext,
  ): Promise<ResolutionDetails<boolean>> {
    return this.#resolved(flag, fallback, context, false);
  }

  async resolveNumberEvaluation(
    flag: string, fallback: number, context: EvaluationContext,
  ): Promise<ResolutionDetails<number>> {
    return this.#resolved(flag, fallback, context, false);
  }

  async resolveObjectEvaluation<T extends JsonValue>(
    flag: string, fallback: T, context: EvaluationContext,
  ): Promise<ResolutionDetails<T>> {
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

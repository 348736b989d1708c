import type { EvaluationContext, EvaluationDetails, JsonValue, Provider, ResolutionDetails } from "@openfeature/web-sdk";
import { OpenFeatureEventEmitter } from "@openfeature/web-sdk";
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
export declare class LivingPersonasWebProvider implements Provider {
    #private;
    readonly metadata: {
        readonly name: "Living Personas";
    };
    readonly runsOn = "client";
    readonly events: OpenFeatureEventEmitter;
    /** @throws TypeError if the options do not say where the snapshot is. */
    constructor(options: Options);
    /** Fetches the first snapshot, and follows it from then on. */
    initialize(): Promise<void>;
    /** The context is an argument of each question: nothing has to be fetched anew. */
    onContextChange(): void;
    /** Follows it no more. */
    onClose(): Promise<void>;
    resolveStringEvaluation(flag: string, fallback: string, context: EvaluationContext): ResolutionDetails<string>;
    resolveBooleanEvaluation(flag: string, fallback: boolean, context: EvaluationContext): ResolutionDetails<boolean>;
    resolveNumberEvaluation(flag: string, fallback: number, context: EvaluationContext): ResolutionDetails<number>;
    resolveObjectEvaluation<T extends JsonValue>(flag: string, fallback: T, context: EvaluationContext): ResolutionDetails<T>;
    /**
     * Say that a customer met the option; resolving it is not meeting it.
     *
     * @returns whether it counts: not where the service, which may know more of the customer, decides otherwise.
     * @throws Error if the service cannot be reached or refuses; it may be told again.
     */
    exposed(details: EvaluationDetails<string>, context: EvaluationContext): Promise<boolean>;
}

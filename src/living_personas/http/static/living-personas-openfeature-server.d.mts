import type { EvaluationContext, EvaluationDetails, JsonValue, Provider, ResolutionDetails } from "@openfeature/server-sdk";
import { OpenFeatureEventEmitter } from "@openfeature/server-sdk";
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
export declare class LivingPersonasServerProvider implements Provider {
    #private;
    readonly metadata: {
        readonly name: "Living Personas";
    };
    readonly runsOn = "server";
    readonly events: OpenFeatureEventEmitter;
    /** @throws TypeError if the options do not say where the snapshot is. */
    constructor(options: Options);
    /** Fetches the first snapshot, and follows it from then on. */
    initialize(): Promise<void>;
    /** Follows it no more. */
    onClose(): Promise<void>;
    resolveStringEvaluation(flag: string, fallback: string, context: EvaluationContext): Promise<ResolutionDetails<string>>;
    resolveBooleanEvaluation(flag: string, fallback: boolean, context: EvaluationContext): Promise<ResolutionDetails<boolean>>;
    resolveNumberEvaluation(flag: string, fallback: number, context: EvaluationContext): Promise<ResolutionDetails<number>>;
    resolveObjectEvaluation<T extends JsonValue>(flag: string, fallback: T, context: EvaluationContext): Promise<ResolutionDetails<T>>;
    /**
     * Say that a customer met the option; resolving it is not meeting it.
     *
     * @returns whether it counts: not where the service, which may know more of the customer, decides otherwise.
     * @throws Error if the service cannot be reached or refuses; it may be told again.
     */
    exposed(details: EvaluationDetails<string>, context: EvaluationContext): Promise<boolean>;
}

// Attributes as flags, as the service's OFREP answers them (`http/ofrep.py`).

import type { ErrorCode, EvaluationContext, FlagMetadata, ResolutionDetails } from "@openfeature/core";
import { UNMATCHED, type Decision, type Evaluator, type Trait } from "../evaluator/living-personas-evaluator.mjs";
import { refuses } from "./consents.js";
import { customerId } from "./ids.js";

/** The flag whose value is the customer's persona. */
export const PERSONA_FLAG = "persona";

const NOT_TRAITS: ReadonlySet<string> = new Set(["targetingKey", "user_hash", "channel", "visit", "campaign"]);

/** A question, taken apart: for whom, on which occasion, by what that is known. */
export interface Asked {
  customer: string;
  channel: string;
  visit: string;
  campaign: string;
  traits: Record<string, Trait>;
}

/** When it is resolved, which traits are consents for every channel, and whether a text is asked for. */
interface Options {
  at: Date;
  consents?: readonly string[] | undefined;
  isText: boolean;
}

/** What cannot be resolved, in the protocol's words. */
export class RefusedError extends Error {
  constructor(readonly code: `${ErrorCode}`, message: string) {
    super(message);
  }
}

/** @throws RefusedError if the context names nobody, or an occasion that is no text. */
export function asked(context: EvaluationContext): Asked {
  const customer = customerId(context.targetingKey);
  if (customer === undefined) throw new RefusedError("TARGETING_KEY_MISSING", "The targeting key names nobody.");
  if (customer === null) throw new RefusedError("INVALID_CONTEXT", "The targeting key cannot be a customer's id.");
  const [channel, visit] = [occasion(context, "channel"), occasion(context, "visit")];
  return { customer, channel, visit, campaign: occasion(context, "campaign"), traits: traitsOf(context) };
}

/** The details of a flag; `fallback` is given where the persona has no say in it. */
export function resolved<T>(evaluator: Evaluator | undefined, flag: string, fallback: T, context: EvaluationContext,
  options: Options): ResolutionDetails<T> {
  try {
    if (!evaluator) throw new RefusedError("PROVIDER_NOT_READY", "There is no snapshot yet.");
    return found(evaluator, flag, fallback, asked(context), options);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return { value: fallback, reason: "ERROR", errorCode: error.code as ErrorCode, errorMessage: error.message };
  }
}

function found<T>(evaluator: Evaluator, flag: string, fallback: T, { customer, traits, ...occasion }: Asked,
  { at, consents, isText }: Options): ResolutionDetails<T> {
  if (flag !== PERSONA_FLAG && !evaluator.attributes.has(flag)) {
    throw new RefusedError("FLAG_NOT_FOUND", `There is no flag ${JSON.stringify(flag)}.`);
  }
  if (!isText) throw new RefusedError("TYPE_MISMATCH", "Personas and options are texts.");
  const is = (value: string) => value as unknown as T;
  if (refuses(traits, occasion.channel, consents)) {
    const nobodys = { persona: UNMATCHED, persona_version: 0, holdout: false };
    const flagMetadata = { ...nobodys, deliver: false, held_for: "no consent" };
    if (flag === PERSONA_FLAG) return { value: is(UNMATCHED), variant: UNMATCHED, reason: "DEFAULT", flagMetadata };
    return { value: fallback, variant: "default", reason: "DEFAULT", flagMetadata };
  }
  const decision = evaluator.decide(customer, traits, { at, ...occasion, only: [flag] });
  if (flag === PERSONA_FLAG) {
    const reason = decision.persona === UNMATCHED ? "DEFAULT" : "TARGETING_MATCH";
    return { value: is(decision.persona), variant: decision.persona, reason, flagMetadata: about(decision) };
  }
  const missing = decision.undecided[flag];
  if (missing !== undefined) throw new RefusedError("INVALID_CONTEXT", missing);
  const [choice] = decision.choices;
  if (!choice) return { value: fallback, variant: "default", reason: "DEFAULT", flagMetadata: about(decision) };
  const { option, propensity, policy, epoch } = choice;
  return {
    value: is(option),
    variant: option,
    reason: propensity < 1 ? "SPLIT" : "TARGETING_MATCH",
    flagMetadata: { ...about(decision), propensity, policy, epoch, decision_id: decision.id },
  };
}

const about = ({ persona, persona_version, holdout, snapshot }: Decision): FlagMetadata =>
  ({ persona, persona_version, holdout, snapshot });

function occasion(context: EvaluationContext, name: string): string {
  const said = context[name] ?? "";
  if (typeof said === "string" && said.length <= 512 && !said.includes("\0")) return said;
  throw new RefusedError("INVALID_CONTEXT", `context.${name} must be text of at most 512 characters.`);
}

/** Texts, numbers and yes or no; a date is the text that JSON makes of it, and all else is no trait. */
function traitsOf(context: EvaluationContext): Record<string, Trait> {
  const said = Object.entries(context).filter(([name]) => !NOT_TRAITS.has(name));
  const loose = said.map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value] as const);
  return Object.fromEntries(loose.filter((each): each is readonly [string, string | number | boolean] =>
    ["string", "number", "boolean"].includes(typeof each[1])));
}

// What a customer met counts by the service's own token: it decides again, and signs if it decides the same.

import type { EvaluationContext, EvaluationDetails } from "@openfeature/core";
import { asked } from "./flags.js";
import { trimmed } from "./snapshot-feed.js";

/** The service that is told, and the key that may `decide` and `write`. */
export interface Told {
  service: string;
  key: string;
}

/**
 * Say that a customer met the option of a flag.
 *
 * @returns whether it counts; it does not where the service, which may know more of the customer, decides otherwise.
 * @throws Error if the service cannot be reached or refuses: nothing was counted, and it may be told again.
 */
export async function expose({ service, key }: Told, { flagKey, value, flagMetadata }: EvaluationDetails<string>,
  context: EvaluationContext): Promise<boolean> {
  const { policy, epoch } = flagMetadata;
  if (policy === undefined) return false; // nothing was decided
  const { customer, traits, ...occasion } = asked(context);
  const post = async (path: string, body: object): Promise<Record<string, any>> => {
    const shown = typeof context.user_hash === "string" ? { user_hash: context.user_hash } : {};
    const proof = path === "decide" ? shown : { integrations: { "Living Personas": shown } };
    const answer = await fetch(`${trimmed(service)}/v1/${path}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: JSON.stringify({ ...body, ...proof }),
      signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok) throw new Error(`The service answers ${answer.status} to /v1/${path}.`);
    return (await answer.json()) as Record<string, any>;
  };
  const decision = await post("decide", { customer, traits, ...occasion, attribute: flagKey });
  const choice = decision.attributes[flagKey];
  if (choice?.option !== value || choice.policy !== policy || choice.epoch !== epoch || !decision.token) return false;
  const said = await post("track", {
    event: "Persona Exposed",
    messageId: `${decision.id}:exposed`,
    userId: customer,
    context: { channel: occasion.channel },
    properties: { decision_id: decision.id, token: decision.token },
  });
  return said.stored + said.duplicate === 1;
}

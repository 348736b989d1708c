// One meaning of loose values: whatever a value is, it is read as its text would be (`rules/coercion.py`).

import type { Kind, Trait } from "./living-personas-evaluator.mjs";

/** A value as rules compute with it; null is NULL. */
export type Scalar = number | string | boolean | null;

const NUMBER = /^ *[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)? *$/;
const WORDS: ReadonlyMap<string, boolean> = new Map([
  ...["true", "1", "1.0"].map((word) => [word, true] as const),
  ...["false", "0", "0.0"].map((word) => [word, false] as const),
]);

/**
 * The value as a number, text or boolean, or null where it is none.
 *
 * @throws TypeError if it is an object.
 */
export function coerced(said: NonNullable<Trait>, kind: Kind, name: string): Scalar {
  if (typeof said === "object" || typeof said === "function" || typeof said === "symbol") {
    throw new TypeError(`The trait ${JSON.stringify(name)} is an object; give a text, number, boolean or null.`);
  }
  if (kind === "text") return asText(said);
  if (kind === "number") return asNumber(said);
  if (typeof said === "boolean") return said;
  return WORDS.get((asText(said) ?? "").replace(/^ +| +$/g, "").toLowerCase()) ?? null;
}

function asNumber(said: string | number | bigint | boolean): number | null {
  if (typeof said === "boolean" || (typeof said === "string" && !NUMBER.test(said))) return null;
  return finite(Number(said));
}

/** A number's text as Python writes what JSON carried: whole numbers in digits, 1e-05 rather than 0.00001. */
function asText(said: string | number | bigint | boolean): string | null {
  if (typeof said !== "number") return String(said);
  if (!Number.isFinite(said)) return null;
  const isSmall = said !== 0 && Math.abs(said) < 1e-4;
  return isSmall ? said.toExponential().replace(/e-(\d)$/, "e-0$1") : String(said);
}

/** The number, or null where it ran over. */
export const finite = (number: number): number | null => (Number.isFinite(number) ? number : null);

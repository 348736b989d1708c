// Who a customer is: ids as `domain/customer_id.py` reads them, so that the edge and the service mean the same one.

const NOBODY: ReadonlySet<string> = new Set([
  "", "null", "(null)", "<null>", "[null]", "#null!", "nil", "<nil>", "(nil)", "none", "<none>", "(none)", "\\n",
  "undefined", "nan", "-nan", "nat", "<na>", "na", "#na", "n/a", "#n/a", "#n/a n/a", "#ref!", "#value!", "#name?",
  "(not set)", "[object object]", "anonymous", "guest", "0", "-1", "00000000-0000-0000-0000-000000000000",
  "0".repeat(32),
]);
const LONGEST = 512;
// What Unicode calls white space, and what cannot be seen: zero width, byte-order marks, marks of direction.
const BLANK =
  "\\t\\n\\v\\f\\r\\x1c-\\x20\\x85\\xa0\\xad\\u1680\\u180e\\u2000-\\u200f" +
  "\\u2028-\\u202f\\u205f-\\u2064\\u2066-\\u2069\\u3000\\ufeff";
const AROUND = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, "g");

/** The text without what stands around it and cannot be seen. */
export const bare = (text: string): string => text.replace(AROUND, "");

/** The id as it is kept; undefined if it names nobody, null if it cannot be an id. */
export function customerId(said: unknown): string | null | undefined {
  if (said === undefined || said === null || Number.isNaN(said)) return undefined;
  if (typeof said === "number") return Number.isSafeInteger(said) ? named(String(said)) : null;
  if (typeof said !== "string") return null;
  const text = bare(said).normalize("NFC");
  if ([...text].length > LONGEST || /\0|\p{Surrogate}/u.test(text)) return null;
  if (/^[+-]?[0-9](?:\.[0-9]+[eE]\+?|[eE]\+)[0-9]+$/.test(text)) return null; // its last digits were lost
  const whole = /^(-?[0-9]+)\.0+$/.exec(text)?.[1];
  if (whole === undefined) return named(text);
  const bits = BigInt(whole.replace("-", "")).toString(2).length;
  return bits > 53 ? null : named(whole === "-0" ? "0" : whole);
}

const named = (text: string): string | undefined => (NOBODY.has(text.toLowerCase()) ? undefined : text);

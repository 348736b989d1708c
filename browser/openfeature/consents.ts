// Who says no is nobody's member: words on a consent, as `domain/consent.py` reads them.

import { bare, NULL_WORDS } from "./ids.js";

/** The consents that speak for every channel, unless a workspace names others. */
export const CONSENTS: readonly string[] = ["consent", "consent_personalisation", "consent_marketing"];

const YES = [
  "true", "t", "yes", "y", "on", "1", "1.0", "granted", "opted in", "opt in", "optin", "optedin", "subscribed",
];
const NO = [
  "false", "f", "no", "n", "off", "0", "0.0", "denied", "opted out", "opt out", "optout", "optedout", "unsubscribed",
  "not subscribed", "never subscribed",
];
const WORDS: ReadonlyMap<string, boolean> = new Map([
  ...YES.map((word) => [word, true] as const),
  ...NO.map((word) => [word, false] as const),
]);

/** Whether traits say no for a channel; what is said and not understood is a no, and silence is none. */
export function refuses(traits: Readonly<Record<string, unknown>>, channel: string, named = CONSENTS): boolean {
  const says = (name: string) => (Object.hasOwn(traits, name) ? yesOrNo(traits[name]) : undefined);
  const isNo = [...named, `consent_${channel}`].some((name) => says(name) === false || says(name) === null);
  const control = says("gpc"); // Global Privacy Control: the only one that is a no when it is true
  return isNo || control === true || control === null;
}

/** True, false, null where it is not understood, undefined where nothing was said. */
function yesOrNo(said: unknown): boolean | null | undefined {
  if (said === undefined || said === null || Number.isNaN(said)) return undefined;
  if (typeof said === "boolean") return said;
  if (typeof said === "number") return said === 1 ? true : said === 0 ? false : null;
  if (typeof said !== "string") return null;
  const text = bare(said).toLowerCase();
  return text === "" || NULL_WORDS.has(text) ? undefined : (WORDS.get(text.replace(/[\s_-]+/g, " ")) ?? null);
}

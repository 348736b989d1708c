// Who a customer is: ids as `domain/customer_id.py` reads them, so that the edge and the service mean the same one.

/** What programs write into text where they hold no value, in lower case. */
export const NULL_WORDS: ReadonlySet<string> = new Set([
  "#n/a", "#n/a n/a", "#na", "#null!", "(nil)", "(null)", "(undefined)", "-nan", "<na>", "<nil>", "<null>",
  "<undefined>", "[null]", "\\n", "dbnull", "na", "na_character_", "na_integer_", "nan", "nat", "nil", "null",
  "system.dbnull", "undefined",
]);
const NOBODY: ReadonlySet<string> = new Set([
  ...NULL_WORDS,
  "", "\"\"", "#calc!", "#div/0!", "#error!", "#name?", "#num!", "#ref!", "#spill!", "#value!", "''", "(blank)",
  "(empty)", "(none)", "(not provided)", "(not set)", "(other)", "(unknown)", "*", "-", "--", "---", "-1", ".", "..",
  "...", "0", "00000000-0000-0000-0000-000000000000", "00000000000000000000000000000000", "<missing>", "<none>",
  "<unknown>", "?", "??", "???", "[]", "[object null]", "[object object]", "[object undefined]", "anoniem", "anonimo",
  "anonimowy", "anonym", "anonyme", "anonymous", "anonymous user", "anonymous_user", "anónimo", "anônimo", "convidado",
  "desconhecido", "desconocido", "distinct_id", "distinctid", "false", "ffffffff-ffff-ffff-ffff-ffffffffffff", "gast",
  "gość", "guest", "guest user", "inconnu", "invitado", "invité", "missing", "n.a.", "n/a", "nieznany", "none",
  "not logged in", "not set", "not_authenticated", "nothing", "okänd", "onbekend", "ospite", "sconosciuto", "true",
  "tuntematon", "ukendt", "ukjent", "unbekannt", "unknown", "unset", "void", "{00000000-0000-0000-0000-000000000000}",
  "{}", "аноним", "гость", "неизвестно", "–", "—", "ゲスト", "匿名", "未登录", "游客",
  "gesamt", "gesamtsumme", "grand total", "subtotal", "summe", "totaal", "total", "total general",
  "total général", "totale", "totals",
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

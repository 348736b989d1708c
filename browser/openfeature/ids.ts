// Who a customer is: ids as `domain/customer_id.py` reads them, so that the edge and the service mean the same one.

/** What programs write into text where they hold no value, in lower case. */
export const NULL_WORDS: ReadonlySet<string> = new Set([
  "#n/a", "#n/a n/a", "#na", "#null!", "(nil)", "(null)", "(undefined)", "-nan", "<na>", "<nil>", "<null>",
  "<undefined>", "[null]", "\\n", "dbnull", "na", "na_character_", "na_integer_", "nan", "nat", "nil", "null",
  "system.dbnull", "undefined",
]);
/** Words for nobody, whose parts are joined in any way, in brackets or none. */
const WORDS: readonly string[] = [
  "anon", "anonymised", "anonymized", "anonymous", "anonymous id", "anonymous user", "anonymous visitor", "blank",
  "customer id", "data not available", "deleted", "deleted user", "distinct id", "empty", "guest", "guest checkout",
  "guest customer", "guest user", "logged out", "missing", "no user", "none", "not applicable", "not authenticated",
  "not available", "not identified", "not logged in", "not provided", "not set", "not specified", "nothing",
  "redacted", "unauthenticated", "unidentified", "unknown", "unknown user", "unregistered", "unset", "unspecified",
  "user id", "visitor", "void",
];
/** Others, as they are. */
const ELSE: readonly string[] = [
  "\"\"", "#arg!", "#bezug!", "#brak", "#calc!", "#div/0!", "#error!", "#hiányzik", "#i/t", "#n/b", "#n/d", "#naam?",
  "#name?", "#nom?", "#nombre!", "#nome?", "#num!", "#nv", "#puuttuu!", "#ref!", "#rif!", "#saknas!", "#spill!",
  "#valeur!", "#valor!", "#valore!", "#value!", "#verw!", "#vÄrde!", "#waarde!", "#wert!", "#yok", "#zahl!",
  "#¡ref!", "#¡valor!", "#¿nombre?", "#знач!", "#н/д", "#ссылка!", "''", "(em branco)", "(en blanco)", "(leeg)",
  "(leer)", "(other)", "(puste)", "(tom)", "(tyhjä)", "(vacío)", "(vazio)", "(vide)", "(vuoto)", "(пусто)", "(空白)",
  "*", "-", "--", "---", "-1", ".", "..", "...", "00000000-0000-0000-0000-000000000000", "0x0", "?", "??", "???",
  "[]", "[object null]", "[object object]", "[object undefined]", "anoniem", "anonimo", "anonimowy", "anonym",
  "anonyme", "anónimo", "anônimo", "b/d", "bilinmiyor", "brak danych", "convidado", "desconhecido", "desconocido",
  "email", "false", "ffffffff-ffff-ffff-ffff-ffffffffffff", "gast", "gesamt", "gesamtsumme", "gość", "grand total",
  "id", "inconnu", "invitado", "invité", "k. a.", "k.a.", "keine angabe", "misafir", "n.a.", "n.v.t.", "n/a",
  "nieznany", "nvt", "okänd", "onbekend", "ospite", "sconosciuto", "subtotal", "summe", "totaal", "total",
  "total general", "total général", "totale", "totals", "true", "tuntematon", "ukendt", "ukjent", "unbekannt",
  "ziyaretçi", "{00000000-0000-0000-0000-000000000000}", "{}", "аноним", "гость", "н/д", "неизвестно", "нет",
  "нет данных", "–", "—", "なし", "ゲスト", "不明", "匿名", "匿名用户", "无", "未登录", "未登録", "未知", "游客", "無", "訪客", "访客", "非会員",
  "게스트", "비회원", "없음",
];
const spellings = (word: string): string[] =>
  [" ", "_", "-", ""]
    .map((joint) => word.replaceAll(" ", joint))
    .flatMap((each) => [each, `(${each})`, `<${each}>`, `[${each}]`]);
const NOBODY: ReadonlySet<string> = new Set([...NULL_WORDS, ...WORDS.flatMap(spellings), ...ELSE, ""]);
const ZEROS = /^0{1,40}$/;
/** A field of a template that nobody filled in: all who met it are one id. */
const EMPTY_FIELD = new RegExp(
  "^(?:" +
    [
      "\\{\\{[^\n]*\\}\\}", "\\$?\\{[A-Za-z_][\\w.]*\\}", "%%?[A-Za-z_]\\w*%%?", "\\*\\|[^\n]*\\|\\*",
      "\\[\\[[^\n]*\\]\\]", "\\[%[^\n]*%\\]", "<%[^\n]*%>",
    ].join("|") +
    ")$",
);
/** What guards an id from a spreadsheet, and the name that a mail program writes around an address. */
const GUARDED = /^(?:="([^"]+)"|'([=+\-@][^\n]*|[0-9]+)|(?:[^<>@]* )?<([^<>@\s]+@[^<>@\s]+)>)$/;
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
  return typeof said === "string" ? spelled(said) : null;
}

function spelled(said: string): string | null | undefined {
  const text = bare(said).normalize("NFC");
  if ([...text].length > LONGEST || /\0|\p{Surrogate}/u.test(text)) return null;
  const guarded = GUARDED.exec(text);
  if (guarded) return spelled(guarded[1] ?? guarded[2] ?? guarded[3] ?? "");
  if (/^[+-]?[0-9](?:[.,][0-9]+[eE]\+?|[eE]\+)[0-9]+$/.test(text)) return null; // its last digits were lost
  if (/^-?[1-9][0-9]{0,2}[.,]000$/.test(text)) return null; // one id or another
  const whole = /^(-?[0-9]+)(?:\.0+|,00?)$/.exec(text)?.[1];
  if (whole === undefined) return named(text);
  const bits = BigInt(whole.replace("-", "")).toString(2).length;
  return bits > 53 ? null : named(whole === "-0" ? "0" : whole);
}

function named(text: string): string | undefined {
  const word = text.toLowerCase();
  return NOBODY.has(word) || ZEROS.test(word) || EMPTY_FIELD.test(text) ? undefined : text;
}

// Living Personas, Apache-2.0. Built from browser/{evaluator,openfeature}, sum c7a12dabcad17fb3.

// openfeature/living-personas-openfeature-server.mts
import { OpenFeatureEventEmitter, ProviderEvents } from "@openfeature/server-sdk";

// evaluator/days.ts
function microseconds(at) {
  return typeof at === "bigint" ? at : BigInt(at.getTime()) * 1000n;
}
function localDays(timeZone) {
  const numeric = { year: "numeric", month: "numeric", day: "numeric" };
  const clock = new Intl.DateTimeFormat("en", { timeZone, calendar: "iso8601", ...numeric });
  const day = (milliseconds) => {
    const parts = clock.formatToParts(milliseconds);
    const part = (type) => Number(parts.find((each) => each.type === type).value);
    return Date.UTC(part("year"), part("month") - 1, part("day")) / DAY;
  };
  let [minute, kept] = [NaN, NaN];
  return (micros) => {
    const milliseconds = Number((micros - (micros % 1000n + 1000n) % 1000n) / 1000n);
    if (milliseconds < SINCE_1972) return day(milliseconds);
    const now = Math.floor(milliseconds / 6e4);
    if (now !== minute) [minute, kept] = [now, day(milliseconds)];
    return kept;
  };
}
var SINCE_1972 = Date.UTC(1972);
var DAY = 864e5;
var dayNumber = (iso) => Date.parse(`${iso}T00:00:00Z`) / DAY;
var isoDate = (day) => new Date(day * DAY).toISOString().slice(0, 10);

// evaluator/md5.ts
var utf8 = new TextEncoder();
var SHIFTS = Int32Array.of(7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21);
var PLACES = Int32Array.from({ length: 64 }, (_, i) => [i, 5 * i + 1, 3 * i + 5, 7 * i][i >> 4] & 15);
var SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));
function md5(text) {
  if (/\p{Surrogate}/u.test(text)) throw new TypeError("A text holds half of a surrogate pair, which has no UTF-8.");
  const bytes = utf8.encode(text);
  const words = new Int32Array(((bytes.length + 8 >> 6) + 1) * 16);
  for (let i = 0; i < bytes.length; i++) words[i >> 2] |= bytes[i] << i % 4 * 8;
  words[bytes.length >> 2] |= 128 << bytes.length % 4 * 8;
  words[words.length - 2] = bytes.length * 8;
  words[words.length - 1] = Math.floor(bytes.length / 2 ** 29);
  const sums = Int32Array.of(1732584193, 4023233417, 2562383102, 271733878);
  for (let block = 0; block < words.length; block += 16) {
    let [a, b, c, d] = [sums[0], sums[1], sums[2], sums[3]];
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const mixed = round === 0 ? b & c | ~b & d : round === 1 ? d & b | ~d & c : round === 2 ? b ^ c ^ d : c ^ (b | ~d);
      const turned = a + mixed + SINES[i] + words[block + PLACES[i]] | 0;
      const shift = SHIFTS[round * 4 + (i & 3)];
      a = d;
      d = c;
      c = b;
      b = b + (turned << shift | turned >>> 32 - shift) | 0;
    }
    sums[0] += a;
    sums[1] += b;
    sums[2] += c;
    sums[3] += d;
  }
  const sum = new DataView(sums.buffer);
  const hex = (at) => sum.getUint32(at).toString(16).padStart(8, "0");
  return hex(0) + hex(4) + hex(8) + hex(12);
}

// evaluator/coercion.ts
var NUMBER = /^ *[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)? *$/;
var WORDS = new Map([
  ...["true", "1", "1.0"].map((word) => [word, true]),
  ...["false", "0", "0.0"].map((word) => [word, false])
]);
function coerced(said, kind, name) {
  if (typeof said === "object" || typeof said === "function" || typeof said === "symbol") {
    throw new TypeError(`The trait ${JSON.stringify(name)} is an object; give a text, number, boolean or null.`);
  }
  if (kind === "text") return asText(said);
  if (kind === "number") return asNumber(said);
  if (typeof said === "boolean") return said;
  return WORDS.get((asText(said) ?? "").replace(/^ +| +$/g, "").toLowerCase()) ?? null;
}
function asNumber(said) {
  if (typeof said === "boolean" || typeof said === "string" && !NUMBER.test(said)) return null;
  return finite(Number(said));
}
function asText(said) {
  if (typeof said !== "number") return String(said);
  if (!Number.isFinite(said)) return null;
  const isSmall = said !== 0 && Math.abs(said) < 1e-4;
  return isSmall ? said.toExponential().replace(/e-(\d)$/, "e-0$1") : String(said);
}
var finite = (number) => Number.isFinite(number) ? number : null;

// evaluator/texts.ts
function ordered(one, other) {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  if (at > 0 && /[\ud800-\udbff]/.test(one[at - 1])) at--;
  const [first, second] = [one.codePointAt(at) ?? -1, other.codePointAt(at) ?? -1];
  return first !== second ? first - second : (one.codePointAt(at + 1) ?? -1) - (other.codePointAt(at + 1) ?? -1);
}
function lower(text) {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  return Array.from(text, (char) => [...char.toLowerCase()][0]).join("");
}
function matcher(pattern, escape, refuse) {
  const stretches = [[]];
  const signs = [...pattern];
  if (escape !== null && [...escape].length !== 1) refuse();
  for (let at = 0; at < signs.length; at++) {
    const sign = signs[at];
    if (sign === escape) {
      const escaped = signs[++at];
      if (escaped === void 0 || !["%", "_", escape].includes(escaped)) refuse();
      stretches.at(-1).push(escaped);
    } else if (sign === "%") stretches.push([]);
    else stretches.at(-1).push(sign === "_" ? null : sign);
  }
  const [first, ...others] = stretches;
  return (text) => {
    const chars = [...text];
    const fits = (stretch, at2) => at2 + stretch.length <= chars.length && stretch.every((sign, i) => sign === null || sign === chars[at2 + i]);
    if (!fits(first, 0)) return false;
    let at = first.length;
    if (others.length === 0) return at === chars.length;
    for (const stretch of others.slice(0, -1)) {
      while (at <= chars.length && !fits(stretch, at)) at++;
      at += stretch.length;
    }
    const end = chars.length - others.at(-1).length;
    return at <= end && fits(others.at(-1), end);
  };
}

// evaluator/steps.ts
var strict = (ask, answer) => (known) => {
  const said = ask(known);
  return said === null ? null : answer(said);
};
function allOf(asks, decisive) {
  return (known) => {
    let answer = !decisive;
    for (const ask of asks) {
      const found2 = ask(known);
      if (found2 === decisive) return decisive;
      if (found2 === null) answer = null;
    }
    return answer;
  };
}
function compared(left, right, holds) {
  return (known) => {
    const [one, other] = [left(known), right(known)];
    if (one === null || other === null) return null;
    return holds(typeof one === "string" ? ordered(one, other) : Number(one) - Number(other));
  };
}
function computing(first, rest) {
  return (known) => {
    let total = first(known);
    for (const [operator, ask] of rest) {
      const other = ask(known);
      if (total === null || other === null) return null;
      if (operator === "/") total = other === 0 ? null : total / other;
      else total = operator === "*" ? total * other : operator === "+" ? total + other : total - other;
    }
    return total;
  };
}
function extreme(asks, choose) {
  return (known) => {
    const numbers = asks.map((ask) => ask(known)).filter((each) => each !== null);
    return numbers.length === 0 ? null : choose(...numbers);
  };
}
var bounded = (ask) => strict(ask, (number) => finite(number));
var CALLS = {
  abs: ([ask]) => strict(ask, (number) => Math.abs(number)),
  length: ([ask]) => strict(ask, (text) => [...text].length),
  lower: ([ask]) => strict(ask, (text) => lower(text)),
  greatest: (asks) => extreme(asks, Math.max),
  least: (asks) => extreme(asks, Math.min),
  coalesce: (asks) => (known) => {
    for (const ask of asks) {
      const said = ask(known);
      if (said !== null) return said;
    }
    return null;
  }
};

// evaluator/rules.ts
function readRule(text) {
  const reader = new RuleReader(text);
  const tree = reader.whole();
  reader.unify(tree.kind, "boolean");
  const columns = new Map([...reader.columns.values()].map((column) => [column.name, settle(column)]));
  const answer = tree.ask;
  return { columns, answer, holds: (known) => answer(known) === true };
}
function resolved(term) {
  while (term !== null && typeof term === "object" && term.is !== null) term = term.is;
  return term;
}
function settle(column) {
  const term = resolved(column);
  const kind = term === null || typeof term === "object" ? "text" : term;
  column.is = kind;
  return kind;
}
var RESERVED = /* @__PURE__ */ new Set([
  "all",
  "and",
  "any",
  "as",
  "asc",
  "between",
  "case",
  "cast",
  "collate",
  "desc",
  "distinct",
  "else",
  "end",
  "escape",
  "except",
  "exists",
  "filter",
  "from",
  "glob",
  "having",
  "ilike",
  "in",
  "intersect",
  "interval",
  "is",
  "like",
  "not",
  "or",
  "over",
  "qualify",
  "regexp",
  "rlike",
  "select",
  "similar",
  "some",
  "then",
  "try_cast",
  "union",
  "using",
  "when",
  "where",
  "with"
]);
var CONSTANTS = /* @__PURE__ */ new Map([["true", true], ["false", false], ["null", null]]);
var ARGUMENTS = {
  abs: [1, 1],
  coalesce: [2, 20],
  greatest: [2, 20],
  least: [2, 20],
  length: [1, 1],
  lower: [1, 1]
};
var COMPARISONS = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0
};
var TOKEN = new RegExp(
  [
    "(?<space>[ \\t\\r\\n]+)",
    "(?<number>(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_.]))",
    "(?<word>[A-Za-z_][A-Za-z0-9_]*)",
    '(?<name>"(?:[^"\\r\\n\\t]|"")+")',
    "(?<text>'(?:[^'\\r\\n\\t]|'')*')",
    "(?<symbol><>|!=|<=|>=|-(?!-)|[+*\\/=<>(),])"
  ].join("|"),
  "uy"
);
function tokens(text) {
  const found2 = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === void 0) throw new UnreadableError(`The rule ${JSON.stringify(text)} cannot be read at ${at}.`);
    const [kind, token] = Object.entries(groups).find(([, each]) => each !== void 0);
    if (kind === "name") found2.push({ kind, text: token.slice(1, -1).replaceAll('""', '"') });
    else if (kind === "text") found2.push({ kind, text: token.slice(1, -1).replaceAll("''", "'") });
    else if (kind !== "space") found2.push({ kind, text: token });
  }
  return [...found2, { kind: "end", text: "" }];
}
var RuleReader = class {
  columns = /* @__PURE__ */ new Map();
  #text;
  #tokens;
  #at = 0;
  constructor(text) {
    this.#text = text;
    this.#tokens = tokens(text);
  }
  whole() {
    const tree = this.#either();
    if (this.#token.kind !== "end") this.#refuse("the end");
    return tree;
  }
  /** Both are of one kind from now on. */
  unify(one, other) {
    const [first, second] = [resolved(one), resolved(other)];
    if (first === null || first === second) return second;
    if (typeof first === "object") {
      if (second !== null) first.is = second;
      return second ?? first;
    }
    if (second !== null && typeof second === "object") second.is = first;
    else if (second !== null) {
      throw new UnreadableError(`A ${first} stands where a ${second} is needed in ${JSON.stringify(this.#text)}.`);
    }
    return first;
  }
  get #token() {
    return this.#tokens[this.#at];
  }
  #refuse(wanted) {
    const there = JSON.stringify(this.#token.text);
    throw new UnreadableError(`There is ${there} instead of ${wanted} in the rule ${JSON.stringify(this.#text)}.`);
  }
  #sees(...texts) {
    return ["word", "symbol"].includes(this.#token.kind) && texts.includes(this.#token.text.toLowerCase());
  }
  #accept(text) {
    const found2 = this.#sees(text);
    if (found2) this.#at++;
    return found2;
  }
  #expect(text) {
    if (!this.#accept(text)) this.#refuse(text);
  }
  #take(kind) {
    if (this.#token.kind !== kind) this.#refuse(`a ${kind}`);
    return this.#tokens[this.#at++].text;
  }
  #alike(parts, kind = null) {
    return parts.reduce((term, part) => this.unify(part.kind, term), kind);
  }
  #boolean(ask, kind, ...parts) {
    this.#alike(parts, kind);
    return { ask, kind: "boolean" };
  }
  #either() {
    return this.#joined("or", () => this.#joined("and", () => this.#negation()));
  }
  /** The first decisive answer ends it (false an `and`, true an `or`); short of that, unknown if any part is. */
  #joined(word, grammar) {
    const parts = [grammar()];
    while (this.#accept(word)) parts.push(grammar());
    if (parts.length === 1) return parts[0];
    return this.#boolean(allOf(parts.map(({ ask }) => ask), word === "or"), "boolean", ...parts);
  }
  #negation() {
    if (!this.#accept("not")) return this.#predicate();
    return this.#opposite(this.#negation());
  }
  #opposite(part) {
    return this.#boolean(strict(part.ask, (is) => !is), "boolean", part);
  }
  #predicate() {
    const subject = this.#chain();
    if (this.#sees(...Object.keys(COMPARISONS))) return this.#comparison(subject);
    if (this.#accept("is")) return this.#identity(settled(subject));
    const isOpposite = this.#accept("not");
    for (const [word, grammar] of [["between", this.#between], ["in", this.#oneOf], ["like", this.#like]]) {
      if (!this.#accept(word)) continue;
      const found2 = grammar.call(this, settled(subject));
      return isOpposite ? this.#opposite(found2) : found2;
    }
    if (isOpposite) this.#refuse("between, in or like");
    return subject;
  }
  #comparison(left) {
    const holds = COMPARISONS[this.#take("symbol")];
    const right = this.#chain();
    if (left.literal === null || right.literal === null) this.#refuse("something that is not null");
    const [one, other] = [settled(left), settled(right)];
    return this.#boolean(compared(one.ask, other.ask, holds), null, one, other);
  }
  #identity({ ask, kind }) {
    const isOpposite = this.#accept("not");
    if (!this.#sees("null", "true", "false")) this.#refuse("null, true or false");
    const wanted = CONSTANTS.get(this.#take("word").toLowerCase());
    if (wanted !== null) this.unify(kind, "boolean");
    return { ask: (known) => ask(known) === wanted !== isOpposite, kind: "boolean" };
  }
  #between(subject) {
    const low = settled(this.#chain());
    this.#expect("and");
    const high = settled(this.#chain());
    const isAbove = compared(subject.ask, low.ask, COMPARISONS[">="]);
    const isBelow = compared(subject.ask, high.ask, COMPARISONS["<="]);
    return this.#boolean(allOf([isAbove, isBelow], false), null, subject, low, high);
  }
  #oneOf(subject) {
    this.#expect("(");
    const options = [this.#literal()];
    while (this.#accept(",")) options.push(this.#literal());
    this.#expect(")");
    const values = new Set(options.map(({ literal }) => literal));
    return this.#boolean(strict(subject.ask, (said) => values.has(said)), null, subject, ...options);
  }
  #literal() {
    const isNegative = this.#accept("-");
    if (this.#token.kind === "number") return constant(this.#number() * (isNegative ? -1 : 1));
    if (isNegative || !(this.#token.kind === "text" || this.#sees("true", "false"))) this.#refuse("a literal");
    const isText = this.#token.kind === "text";
    return constant(isText ? this.#take("text") : CONSTANTS.get(this.#take("word").toLowerCase()));
  }
  #like(subject) {
    const pattern = this.#take("text");
    const escape = this.#accept("escape") ? this.#take("text") : null;
    const matches = matcher(pattern, escape, () => this.#refuse("a pattern"));
    return this.#boolean(strict(subject.ask, (said) => matches(said)), "text", subject);
  }
  #chain() {
    return this.#linked(["+", "-"], () => this.#linked(["*", "/"], () => this.#signed()));
  }
  /** Operands from left to right, in doubles that may run over until `settled` looks at them. */
  #linked(operators, grammar) {
    const first = grammar();
    const rest = [];
    while (this.#sees(...operators)) rest.push([this.#take("symbol"), grammar()]);
    if (rest.length === 0) return first;
    this.#alike([first, ...rest.map(([, part]) => part)], "number");
    const ask = computing(first.ask, rest.map(([operator, part]) => [operator, part.ask]));
    return { ask, kind: "number", computed: true };
  }
  #signed() {
    if (!this.#accept("-")) return this.#atom();
    const subject = this.#signed();
    if (typeof subject.literal === "number") return constant(-subject.literal);
    this.unify(subject.kind, "number");
    const ask = strict(subject.ask, (number) => -number);
    return { ask, kind: "number", computed: subject.computed ?? false };
  }
  #atom() {
    if (this.#accept("(")) {
      const inside = this.#either();
      this.#expect(")");
      return inside;
    }
    switch (this.#token.kind) {
      case "number":
        return constant(this.#number());
      case "text":
        return constant(this.#take("text"));
      case "name":
        return this.#column(this.#take("name"));
      case "word":
        return this.#word();
      default:
        return this.#refuse("a column or a value");
    }
  }
  #number() {
    const number = Number(this.#take("number"));
    return Number.isFinite(number) ? number : this.#refuse("a number that can be kept");
  }
  #word() {
    const word = this.#token.text.toLowerCase();
    if (RESERVED.has(word)) this.#refuse("a column or a value");
    const name = this.#take("word");
    if (this.#sees("(")) return this.#call(word);
    return CONSTANTS.has(word) ? constant(CONSTANTS.get(word)) : this.#column(name);
  }
  #column(name) {
    const column = this.columns.get(name) ?? { name, is: null };
    this.columns.set(name, column);
    const ask = (known) => {
      const said = known(name);
      return said === null || said === void 0 ? null : coerced(said, column.is, name);
    };
    return { ask, kind: column };
  }
  #call(name) {
    const [least, most] = Object.hasOwn(ARGUMENTS, name) && ARGUMENTS[name] || this.#refuse("a function on the list");
    this.#expect("(");
    const parts = [settled(this.#either())];
    while (this.#accept(",")) parts.push(settled(this.#either()));
    this.#expect(")");
    if (parts.length < least || parts.length > most) this.#refuse(`${least} to ${most} arguments of ${name}`);
    const taken = name === "coalesce" ? null : name === "length" || name === "lower" ? "text" : "number";
    const kind = this.#alike(parts, taken);
    const asks = parts.map(({ ask }) => ask);
    return { ask: CALLS[name](asks), kind: name === "length" ? "number" : kind };
  }
};
var constant = (literal) => {
  const kinds = { number: "number", string: "text", boolean: "boolean" };
  return { ask: () => literal, kind: literal === null ? null : kinds[typeof literal], literal };
};
var settled = (part) => part.computed ? { ask: bounded(part.ask), kind: "number" } : part;

// evaluator/living-personas-evaluator.mts
var UnreadableError = class extends Error {
};
var UNMATCHED = "unmatched";
var FORMAT = 2;
var Evaluator = class {
  snapshot;
  /** Every attribute that some persona has. */
  attributes;
  /** What the rules ask of a customer: names of features and traits, with the kind each is read as. */
  columns;
  #rules;
  #leaves = /* @__PURE__ */ new Map();
  #campaigns;
  #localDay;
  /** @throws UnreadableError if the snapshot is newer than this evaluator, or holds what it does not understand. */
  constructor(snapshot) {
    this.snapshot = checked(snapshot);
    const columns = /* @__PURE__ */ new Map();
    const read = (text) => {
      const rule = readRule(text);
      for (const [name, kind] of rule.columns) columns.set(name, kind);
      return rule.holds;
    };
    this.#rules = snapshot.personas.map((persona) => ({
      persona,
      holds: read(persona.who),
      attributes: persona.attributes.toSorted((one, other) => ordered(one.attribute, other.attribute))
    }));
    const attributes = snapshot.personas.flatMap((persona) => persona.attributes);
    for (const { leaf } of attributes.flatMap(({ tables }) => tables.flatMap(({ inside }) => inside ?? []))) {
      if (!this.#leaves.has(leaf)) this.#leaves.set(leaf, read(leaf));
    }
    this.attributes = new Set(attributes.map(({ attribute }) => attribute));
    this.columns = columns;
    this.#campaigns = new Map(snapshot.campaigns);
    this.#localDay = localDays(snapshot.time_zone);
  }
  /**
   * Choose every attribute of the customer's persona that has a say on the channel.
   *
   * @param customer the id; its canonical form is hashed, so that each spelling of an address gets the same.
   * @param traits features and traits by name: all that the rules ask and that is not here is unknown.
   * @throws TypeError if a trait is an object, or a text holds half of a surrogate pair.
   */
  decide(customer, traits, occasion2) {
    const { channel = "", only } = occasion2;
    const { salt, number, holdout_below } = this.snapshot;
    const micros = microseconds(occasion2.at);
    const day = this.#localDay(micros);
    const hashed = canonicalId(customer);
    const known = (name) => Object.hasOwn(traits, name) ? traits[name] : name === "customer" ? hashed : void 0;
    const holdout = hash(salt, "holdout", hashed) < holdout_below;
    const found2 = this.#rules.find(({ holds }) => holds(known));
    const choices = [];
    const undecided = [];
    const wanted = only === void 0 ? void 0 : new Set(only);
    for (const attribute of found2?.attributes ?? []) {
      if (attribute.channel !== "" && attribute.channel !== channel) continue;
      if (wanted !== void 0 && !wanted.has(attribute.attribute)) continue;
      const epoch = this.#epoch(attribute, hashed, day, occasion2);
      if (typeof epoch === "string") undecided.push([attribute.attribute, epoch]);
      else choices.push(this.#choice(attribute, hashed, epoch, holdout, known));
    }
    return {
      id: `d${md5([salt, "decision", number, hashed, channel, micros].join("|")).slice(0, 24)}`,
      customer,
      persona: found2?.persona.persona ?? UNMATCHED,
      persona_version: found2?.persona.version ?? 0,
      holdout,
      channel,
      snapshot: number,
      choices,
      undecided: Object.fromEntries(undecided)
    };
  }
  #choice({ attribute, channel, options, believed, tables }, customer, epoch, holdout, known) {
    if (holdout) return { attribute, option: believed, propensity: 1, policy: "holdout", epoch: epoch.name };
    const start = isoDate(epoch.start);
    const table = tables.findLast(({ day }) => day <= start) ?? tables[0];
    const isInside = table.inside != null && this.#leaves.get(table.inside.leaf)(known);
    const { thresholds, shares, policy } = isInside ? table.inside : table;
    const drawn = hash(this.snapshot.salt, attribute, channel, customer, epoch.name);
    const index = thresholds.findIndex((threshold) => drawn < threshold);
    return { attribute, option: options[index], propensity: shares[index], policy, epoch: epoch.name };
  }
  /** The occasion for which an option is kept, or what is missing to know it. */
  #epoch({ attribute, channel, assign, since }, customer, day, { visit = "", campaign = "" }) {
    switch (assign) {
      case "day":
        return { name: isoDate(day), start: day };
      case "week": {
        const spread = hash(this.snapshot.salt, attribute, channel, customer, "offset");
        const offset = SEVENTHS.filter((seventh) => seventh <= spread).length;
        const start = day - ((day + offset) % 7 + 7) % 7;
        return { name: isoDate(start), start };
      }
      case "always":
        return { name: `since ${since}`, start: dayNumber(since) };
      case "visit":
        return visit ? { name: visit, start: day } : `${attribute} is assigned per visit, and none was given.`;
      case "campaign": {
        const starts = this.#campaigns.get(campaign);
        if (!campaign) return `${attribute} is assigned per campaign, and none was given.`;
        if (starts === void 0) return `There is no campaign ${JSON.stringify(campaign)}.`;
        if (isoDate(day) < starts) return `The campaign ${JSON.stringify(campaign)} begins on ${starts}.`;
        return { name: campaign, start: dayNumber(starts) };
      }
    }
  }
};
var SEVENTHS = ["24924925", "49249249", "6db6db6e", "92492493", "b6db6db7", "db6db6dc"];
var ASSIGNS = ["visit", "day", "week", "campaign", "always"];
function checked(snapshot) {
  const { number, format = 1, personas } = snapshot;
  if (!Number.isInteger(format) || format > FORMAT) {
    const newer = "take the evaluator that your service serves (/living-personas-evaluator.mjs)";
    throw new UnreadableError(`Snapshot ${number} has the format ${format}, and this reads up to ${FORMAT}: ${newer}.`);
  }
  if (!Array.isArray(personas)) throw new UnreadableError("This is no snapshot: it has no personas.");
  for (const { attribute, assign, tables } of personas.flatMap((persona) => persona.attributes)) {
    if (!ASSIGNS.includes(assign)) throw new UnreadableError(`${attribute} is assigned per ${assign}: unknown.`);
    if (tables.length === 0) throw new UnreadableError(`${attribute} has no table of shares.`);
  }
  return snapshot;
}
function canonicalId(id) {
  return /^[^@]+@[^@]+\.[^@]+$/.test(id) ? id.toLowerCase().normalize("NFC") : id;
}
var hash = (...parts) => md5(parts.join("|")).slice(0, 8);

// openfeature/ids.ts
var NULL_WORDS = /* @__PURE__ */ new Set([
  "#n/a",
  "#n/a n/a",
  "#na",
  "#null!",
  "(nil)",
  "(null)",
  "(undefined)",
  "-nan",
  "<na>",
  "<nil>",
  "<null>",
  "<undefined>",
  "[null]",
  "\\n",
  "dbnull",
  "na",
  "na_character_",
  "na_integer_",
  "nan",
  "nat",
  "nil",
  "null",
  "system.dbnull",
  "undefined"
]);
var WORDS2 = [
  "anon",
  "anonymised",
  "anonymized",
  "anonymous",
  "anonymous id",
  "anonymous user",
  "anonymous visitor",
  "blank",
  "customer id",
  "data not available",
  "deleted",
  "deleted user",
  "distinct id",
  "empty",
  "guest",
  "guest checkout",
  "guest customer",
  "guest user",
  "logged out",
  "missing",
  "no user",
  "none",
  "not applicable",
  "not authenticated",
  "not available",
  "not identified",
  "not logged in",
  "not provided",
  "not set",
  "not specified",
  "nothing",
  "redacted",
  "unauthenticated",
  "unidentified",
  "unknown",
  "unknown user",
  "unregistered",
  "unset",
  "unspecified",
  "user id",
  "visitor",
  "void"
];
var ELSE = [
  '""',
  "#arg!",
  "#bezug!",
  "#brak",
  "#calc!",
  "#div/0!",
  "#error!",
  "#hiányzik",
  "#i/t",
  "#n/b",
  "#n/d",
  "#naam?",
  "#name?",
  "#nom?",
  "#nombre!",
  "#nome?",
  "#num!",
  "#nv",
  "#puuttuu!",
  "#ref!",
  "#rif!",
  "#saknas!",
  "#spill!",
  "#valeur!",
  "#valor!",
  "#valore!",
  "#value!",
  "#verw!",
  "#vÄrde!",
  "#waarde!",
  "#wert!",
  "#yok",
  "#zahl!",
  "#¡ref!",
  "#¡valor!",
  "#¿nombre?",
  "#знач!",
  "#н/д",
  "#ссылка!",
  "''",
  "(em branco)",
  "(en blanco)",
  "(leeg)",
  "(leer)",
  "(other)",
  "(puste)",
  "(tom)",
  "(tyhjä)",
  "(vacío)",
  "(vazio)",
  "(vide)",
  "(vuoto)",
  "(пусто)",
  "(空白)",
  "*",
  "-",
  "--",
  "---",
  "-1",
  ".",
  "..",
  "...",
  "00000000-0000-0000-0000-000000000000",
  "0x0",
  "?",
  "??",
  "???",
  "[]",
  "[object null]",
  "[object object]",
  "[object undefined]",
  "anoniem",
  "anonimo",
  "anonimowy",
  "anonym",
  "anonyme",
  "anónimo",
  "anônimo",
  "b/d",
  "bilinmiyor",
  "brak danych",
  "convidado",
  "desconhecido",
  "desconocido",
  "email",
  "false",
  "ffffffff-ffff-ffff-ffff-ffffffffffff",
  "gast",
  "gesamt",
  "gesamtsumme",
  "gość",
  "grand total",
  "id",
  "inconnu",
  "invitado",
  "invité",
  "k. a.",
  "k.a.",
  "keine angabe",
  "misafir",
  "n.a.",
  "n.v.t.",
  "n/a",
  "nieznany",
  "nvt",
  "okänd",
  "onbekend",
  "ospite",
  "sconosciuto",
  "subtotal",
  "summe",
  "totaal",
  "total",
  "total general",
  "total général",
  "totale",
  "totals",
  "true",
  "tuntematon",
  "ukendt",
  "ukjent",
  "unbekannt",
  "ziyaretçi",
  "{00000000-0000-0000-0000-000000000000}",
  "{}",
  "аноним",
  "гость",
  "н/д",
  "неизвестно",
  "нет",
  "нет данных",
  "–",
  "—",
  "なし",
  "ゲスト",
  "不明",
  "匿名",
  "匿名用户",
  "无",
  "未登录",
  "未登録",
  "未知",
  "游客",
  "無",
  "訪客",
  "访客",
  "非会員",
  "게스트",
  "비회원",
  "없음"
];
var spellings = (word) => [" ", "_", "-", ""].map((joint) => word.replaceAll(" ", joint)).flatMap((each) => [each, `(${each})`, `<${each}>`, `[${each}]`]);
var NOBODY = /* @__PURE__ */ new Set([...NULL_WORDS, ...WORDS2.flatMap(spellings), ...ELSE, ""]);
var ZEROS = /^0{1,40}$/;
var EMPTY_FIELD = new RegExp(
  "^(?:" + [
    "\\{\\{[^\n]*\\}\\}",
    "\\$?\\{[A-Za-z_][\\w.]*\\}",
    "%%?[A-Za-z_]\\w*%%?",
    "\\*\\|[^\n]*\\|\\*",
    "\\[\\[[^\n]*\\]\\]",
    "\\[%[^\n]*%\\]",
    "<%[^\n]*%>"
  ].join("|") + ")$"
);
var GUARDED = /^(?:="([^"]+)"|'([=+\-@][^\n]*|[0-9]+)|(?:[^<>@]* )?<([^<>@\s]+@[^<>@\s]+)>)$/;
var LONGEST = 512;
var BLANK = "\\t\\n\\v\\f\\r\\x1c-\\x20\\x85\\xa0\\xad\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2066-\\u2069\\u3000\\ufeff";
var AROUND = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, "g");
var bare = (text) => text.replace(AROUND, "");
function customerId(said) {
  if (said === void 0 || said === null || Number.isNaN(said)) return void 0;
  if (typeof said === "number") return Number.isSafeInteger(said) ? named(String(said)) : null;
  return typeof said === "string" ? spelled(said) : null;
}
function spelled(said) {
  const text = bare(said).normalize("NFC");
  if ([...text].length > LONGEST || /\0|\p{Surrogate}/u.test(text)) return null;
  const guarded = GUARDED.exec(text);
  if (guarded) return spelled(guarded[1] ?? guarded[2] ?? guarded[3] ?? "");
  if (/^[+-]?[0-9](?:[.,][0-9]+[eE]\+?|[eE]\+)[0-9]+$/.test(text)) return null;
  if (/^-?[1-9][0-9]{0,2}[.,]000$/.test(text)) return null;
  const whole = /^(-?[0-9]+)(?:\.0+|,00?)$/.exec(text)?.[1];
  if (whole === void 0) return named(text);
  const bits = BigInt(whole.replace("-", "")).toString(2).length;
  return bits > 53 ? null : named(whole === "-0" ? "0" : whole);
}
function named(text) {
  const word = text.toLowerCase();
  return NOBODY.has(word) || ZEROS.test(word) || EMPTY_FIELD.test(text) ? void 0 : text;
}

// openfeature/consents.ts
var CONSENTS = ["consent", "consent_personalisation", "consent_marketing"];
var YES = [
  "true",
  "t",
  "yes",
  "y",
  "on",
  "1",
  "1.0",
  "granted",
  "opted in",
  "opt in",
  "optin",
  "optedin",
  "subscribed"
];
var NO = [
  "false",
  "f",
  "no",
  "n",
  "off",
  "0",
  "0.0",
  "denied",
  "opted out",
  "opt out",
  "optout",
  "optedout",
  "unsubscribed",
  "not subscribed",
  "never subscribed"
];
var WORDS3 = new Map([
  ...YES.map((word) => [word, true]),
  ...NO.map((word) => [word, false])
]);
function refuses(traits, channel, named2 = CONSENTS) {
  const says = (name) => Object.hasOwn(traits, name) ? yesOrNo(traits[name]) : void 0;
  const isNo = [...named2, `consent_${channel}`].some((name) => says(name) === false || says(name) === null);
  const control = says("gpc");
  return isNo || control === true || control === null;
}
function yesOrNo(said) {
  if (said === void 0 || said === null || Number.isNaN(said)) return void 0;
  if (typeof said === "boolean") return said;
  if (typeof said === "number") return said === 1 ? true : said === 0 ? false : null;
  if (typeof said !== "string") return null;
  const text = bare(said).toLowerCase();
  return text === "" || NULL_WORDS.has(text) ? void 0 : WORDS3.get(text.replace(/[\s_-]+/g, " ")) ?? null;
}

// openfeature/flags.ts
var PERSONA_FLAG = "persona";
var NOT_TRAITS = /* @__PURE__ */ new Set(["targetingKey", "user_hash", "channel", "visit", "campaign"]);
var RefusedError = class extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
  code;
};
function asked(context) {
  const customer = customerId(context.targetingKey);
  if (customer === void 0) throw new RefusedError("TARGETING_KEY_MISSING", "The targeting key names nobody.");
  if (customer === null) throw new RefusedError("INVALID_CONTEXT", "The targeting key cannot be a customer's id.");
  const [channel, visit] = [occasion(context, "channel"), occasion(context, "visit")];
  return { customer, channel, visit, campaign: occasion(context, "campaign"), traits: traitsOf(context) };
}
function resolved2(evaluator, flag, fallback, context, options) {
  try {
    if (!evaluator) throw new RefusedError("PROVIDER_NOT_READY", "There is no snapshot yet.");
    return found(evaluator, flag, fallback, asked(context), options);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return { value: fallback, reason: "ERROR", errorCode: error.code, errorMessage: error.message };
  }
}
function found(evaluator, flag, fallback, { customer, traits, ...occasion2 }, { at, consents, isText }) {
  if (flag !== PERSONA_FLAG && !evaluator.attributes.has(flag)) {
    throw new RefusedError("FLAG_NOT_FOUND", `There is no flag ${JSON.stringify(flag)}.`);
  }
  if (!isText) throw new RefusedError("TYPE_MISMATCH", "Personas and options are texts.");
  const is = (value) => value;
  if (refuses(traits, occasion2.channel, consents)) {
    const nobodys = { persona: UNMATCHED, persona_version: 0, holdout: false };
    const flagMetadata = { ...nobodys, deliver: false, held_for: "no consent" };
    if (flag === PERSONA_FLAG) return { value: is(UNMATCHED), variant: UNMATCHED, reason: "DEFAULT", flagMetadata };
    return { value: fallback, variant: "default", reason: "DEFAULT", flagMetadata };
  }
  const decision = evaluator.decide(customer, traits, { at, ...occasion2, only: [flag] });
  if (flag === PERSONA_FLAG) {
    const reason = decision.persona === UNMATCHED ? "DEFAULT" : "TARGETING_MATCH";
    return { value: is(decision.persona), variant: decision.persona, reason, flagMetadata: about(decision) };
  }
  const missing = decision.undecided[flag];
  if (missing !== void 0) throw new RefusedError("INVALID_CONTEXT", missing);
  const [choice] = decision.choices;
  if (!choice) return { value: fallback, variant: "default", reason: "DEFAULT", flagMetadata: about(decision) };
  const { option, propensity, policy, epoch } = choice;
  return {
    value: is(option),
    variant: option,
    reason: propensity < 1 ? "SPLIT" : "TARGETING_MATCH",
    flagMetadata: { ...about(decision), propensity, policy, epoch, decision_id: decision.id }
  };
}
var about = ({ persona, persona_version, holdout, snapshot }) => ({ persona, persona_version, holdout, snapshot });
function occasion(context, name) {
  const said = context[name] ?? "";
  if (typeof said === "string" && said.length <= 512 && !said.includes("\0")) return said;
  throw new RefusedError("INVALID_CONTEXT", `context.${name} must be text of at most 512 characters.`);
}
function traitsOf(context) {
  const said = Object.entries(context).filter(([name]) => !NOT_TRAITS.has(name));
  const loose = said.map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]);
  return Object.fromEntries(loose.filter((each) => ["string", "number", "boolean"].includes(typeof each[1])));
}

// openfeature/snapshot-feed.ts
var PATIENCE_MS = 1e4;
var FIRST_PAUSE_MS = 250;
var LONGEST_PAUSE_MS = 3e4;
var SnapshotFeed = class {
  evaluator;
  #source;
  #address;
  #every;
  #listener;
  #closing = new AbortController();
  #etag = "";
  #document = "";
  #told = 0;
  #isStale = false;
  #wake = () => {
  };
  /** @throws TypeError if the source does not say where the snapshot is. */
  constructor(source, listener) {
    const { service, snapshot, every = 60 } = source;
    if (!service && !snapshot) throw new TypeError("Say where the snapshot is: `service` and `key`, or `snapshot`.");
    this.#source = source;
    this.#address = snapshot ?? `${trimmed(service)}/v1/snapshot`;
    this.#every = every * 1e3;
    this.#listener = listener;
  }
  /**
   * Fetch the first snapshot, then follow it until `close`.
   *
   * @throws Error if it cannot be fetched or read.
   */
  async start() {
    await this.#fetch();
    void this.#follow();
    if (this.#source.service && this.#source.key) void this.#listen();
  }
  /** Follow it no more; what is here stays. */
  close() {
    this.#closing.abort();
    this.#wake();
  }
  get #isClosed() {
    return this.#closing.signal.aborted;
  }
  /** Ask every so often; sooner while a stream has told of a snapshot that this address does not have yet. */
  async #follow() {
    let pause = this.#every;
    while (!this.#isClosed) {
      await this.#pause(Math.min(pause, this.#every));
      if (this.#isClosed) return;
      try {
        await this.#fetch();
        if (this.#isStale) this.#listener.fresh();
        this.#isStale = false;
      } catch (error) {
        if (!this.#isStale && !this.#isClosed) this.#listener.stale(String(error));
        this.#isStale = true;
      }
      const isBehind = this.evaluator.snapshot.number < this.#told;
      pause = isBehind ? pause === this.#every ? FIRST_PAUSE_MS : pause * 2 : this.#every;
    }
  }
  async #fetch() {
    const headers = { ...this.#authorization(), ...this.#etag ? { "If-None-Match": this.#etag } : {} };
    const answer = await fetch(this.#address, { headers, signal: this.#until(PATIENCE_MS), cache: "no-cache" });
    if (answer.status === 304 && this.evaluator) return;
    if (!answer.ok) throw new Error(`The snapshot's address answers ${answer.status}.`);
    const document = await answer.text();
    if (document !== this.#document) this.#take(new Evaluator(JSON.parse(document)));
    this.#document = document;
    this.#etag = answer.headers.get("etag") ?? "";
  }
  #take(evaluator) {
    const before = this.evaluator;
    this.evaluator = evaluator;
    if (before && evaluator.snapshot.number <= before.snapshot.number) this.#told = 0;
    if (before) this.#listener.changed([.../* @__PURE__ */ new Set([...before.attributes, ...evaluator.attributes])]);
  }
  /** The service's stream, opened again whenever it ends; each event has the number of a snapshot as its id. */
  async #listen() {
    let pause = FIRST_PAUSE_MS;
    while (!this.#isClosed) {
      try {
        const headers = { Authorization: `Bearer ${this.#source.key}`, Accept: "text/event-stream" };
        const address = `${trimmed(this.#source.service)}/ofrep/v1/event-stream`;
        const answer = await fetch(address, { headers, signal: this.#closing.signal, cache: "no-store" });
        if (answer.ok && answer.body) {
          pause = FIRST_PAUSE_MS;
          for await (const line of lines(answer.body)) this.#hear(line);
        } else await answer.body?.cancel();
      } catch {
      }
      await sleep(pause, this.#closing.signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
  #hear(line) {
    const number = Number(/^id: ?([0-9]+)$/.exec(line)?.[1] ?? 0);
    if (number <= Math.max(this.#told, this.evaluator.snapshot.number)) return;
    this.#told = number;
    this.#wake();
  }
  /** A copy on a CDN is nobody's who must be told the key. */
  #authorization() {
    const { key, snapshot } = this.#source;
    return key && !snapshot ? { Authorization: `Bearer ${key}` } : {};
  }
  async #pause(milliseconds) {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await sleep(milliseconds, woken.signal);
  }
  #until(milliseconds) {
    return AbortSignal.any([this.#closing.signal, AbortSignal.timeout(milliseconds)]);
  }
};
var trimmed = (address) => address.replace(/\/+$/, "");
function sleep(milliseconds, signal) {
  return new Promise((done) => {
    if (signal.aborted) return done();
    const timer = setTimeout(done, milliseconds);
    if (typeof timer === "object") timer.unref();
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    }, { once: true });
  });
}
async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const parts = (rest + read.value).split(/\r?\n/);
    rest = parts.pop();
    yield* parts;
  }
}

// openfeature/exposures.ts
async function expose({ service, key }, { flagKey, value, flagMetadata }, context) {
  const { policy, epoch } = flagMetadata;
  if (policy === void 0) return false;
  const { customer, traits, ...occasion2 } = asked(context);
  const post = async (path, body) => {
    const shown = typeof context.user_hash === "string" ? { user_hash: context.user_hash } : {};
    const proof = path === "decide" ? shown : { integrations: { "Living Personas": shown } };
    const answer = await fetch(`${trimmed(service)}/v1/${path}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: JSON.stringify({ ...body, ...proof }),
      signal: AbortSignal.timeout(1e4)
    });
    if (!answer.ok) throw new Error(`The service answers ${answer.status} to /v1/${path}.`);
    return await answer.json();
  };
  const decision = await post("decide", { customer, traits, ...occasion2, attribute: flagKey });
  const choice = decision.attributes[flagKey];
  if (choice?.option !== value || choice.policy !== policy || choice.epoch !== epoch || !decision.token) return false;
  const said = await post("track", {
    event: "Persona Exposed",
    messageId: `${decision.id}:exposed`,
    userId: customer,
    context: { channel: occasion2.channel },
    properties: { decision_id: decision.id, token: decision.token }
  });
  return said.stored + said.duplicate === 1;
}

// openfeature/living-personas-openfeature-server.mts
var LivingPersonasServerProvider = class {
  metadata = { name: "Living Personas" };
  runsOn = "server";
  events = new OpenFeatureEventEmitter();
  #options;
  #feed;
  /** @throws TypeError if the options do not say where the snapshot is. */
  constructor(options) {
    this.#options = options;
    this.#feed = new SnapshotFeed(options, {
      changed: (flagsChanged) => this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged }),
      stale: (message) => this.events.emit(ProviderEvents.Stale, { message }),
      fresh: () => this.events.emit(ProviderEvents.Ready)
    });
  }
  /** Fetches the first snapshot, and follows it from then on. */
  async initialize() {
    await this.#feed.start();
  }
  /** Follows it no more. */
  async onClose() {
    this.#feed.close();
  }
  async resolveStringEvaluation(flag, fallback, context) {
    return this.#resolved(flag, fallback, context, true);
  }
  async resolveBooleanEvaluation(flag, fallback, context) {
    return this.#resolved(flag, fallback, context, false);
  }
  async resolveNumberEvaluation(flag, fallback, context) {
    return this.#resolved(flag, fallback, context, false);
  }
  async resolveObjectEvaluation(flag, fallback, context) {
    return this.#resolved(flag, fallback, context, false);
  }
  /**
   * Say that a customer met the option; resolving it is not meeting it.
   *
   * @returns whether it counts: not where the service, which may know more of the customer, decides otherwise.
   * @throws Error if the service cannot be reached or refuses; it may be told again.
   */
  async exposed(details, context) {
    const { service, key } = this.#options;
    if (!service || !key) throw new TypeError("Exposures need `service` and `key`.");
    return expose({ service, key }, details, context);
  }
  #resolved(flag, fallback, context, isText) {
    const { consents, clock = () => /* @__PURE__ */ new Date() } = this.#options;
    return resolved2(this.#feed.evaluator, flag, fallback, context, { at: clock(), consents, isText });
  }
};
export {
  LivingPersonasServerProvider
};

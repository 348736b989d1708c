// The rule language: a small, safe subset of SQL with three-valued logic (`rules/grammar.py`, `rules/kinds.py`).

import { coerced, type Scalar } from "./coercion.js";
import { UnreadableError, type Kind } from "./living-personas-evaluator.mjs";
import { allOf, bounded, CALLS, compared, computing, strict, type Ask, type Known } from "./steps.js";
import { matcher } from "./texts.js";

/** A rule, ready to be asked: it holds a customer only if it is true, not where it is unknown. */
export interface Rule {
  columns: ReadonlyMap<string, Kind>;
  answer: (known: Known) => boolean | null;
  holds: (known: Known) => boolean;
}

/**
 * Read a rule; it was checked when it was published, and what is not understood here is refused.
 *
 * @throws UnreadableError if it is no rule.
 */
export function readRule(text: string): Rule {
  const reader = new RuleReader(text);
  const tree = reader.whole();
  reader.unify(tree.kind, "boolean");
  const columns = new Map([...reader.columns.values()].map((column) => [column.name, settle(column)]));
  const answer = tree.ask as Rule["answer"];
  return { columns, answer, holds: (known) => answer(known) === true };
}

/** A column, and what is known of its kind: a kind, or another column of the same kind. */
interface Column {
  name: string;
  is: Kind | Column | null;
}

type Term = Kind | Column | null;

/** A part of a rule: how it is asked, its kind, and whether it is a computed number, which may run over. */
interface Part {
  ask: Ask;
  kind: Term;
  computed?: boolean;
  literal?: Scalar;
}

function resolved(term: Term): Term {
  while (term !== null && typeof term === "object" && term.is !== null) term = term.is;
  return term;
}

function settle(column: Column): Kind {
  const term = resolved(column);
  const kind = term === null || typeof term === "object" ? "text" : term;
  column.is = kind;
  return kind;
}

const RESERVED: ReadonlySet<string> = new Set([
  "all", "and", "any", "as", "asc", "between", "case", "cast", "collate", "desc", "distinct", "else", "end", "escape",
  "except", "exists", "filter", "from", "glob", "having", "ilike", "in", "intersect", "interval", "is", "like", "not",
  "or", "over", "qualify", "regexp", "rlike", "select", "similar", "some", "then", "try_cast", "union", "using", "when",
  "where", "with",
]);
const CONSTANTS = new Map<string, boolean | null>([["true", true], ["false", false], ["null", null]]);
const ARGUMENTS: Readonly<Record<string, [least: number, most: number]>> = {
  abs: [1, 1], coalesce: [2, 20], greatest: [2, 20], least: [2, 20], length: [1, 1], lower: [1, 1],
};
const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  "=": (order) => order === 0, "<>": (order) => order !== 0, "!=": (order) => order !== 0,
  "<": (order) => order < 0, "<=": (order) => order <= 0, ">": (order) => order > 0, ">=": (order) => order >= 0,
};
const TOKEN = new RegExp(
  [
    "(?<space>[ \\t\\r\\n]+)",
    "(?<number>(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_.]))",
    "(?<word>[A-Za-z_][A-Za-z0-9_]*)",
    '(?<name>"(?:[^"\\r\\n\\t]|"")+")',
    "(?<text>'(?:[^'\\r\\n\\t]|'')*')",
    "(?<symbol><>|!=|<=|>=|-(?!-)|[+*\\/=<>(),])",
  ].join("|"),
  "uy",
);

interface Token {
  kind: string;
  text: string;
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) throw new UnreadableError(`The rule ${JSON.stringify(text)} cannot be read at ${at}.`);
    const [kind, token] = Object.entries(groups).find(([, each]) => each !== undefined)!;
    if (kind === "name") found.push({ kind, text: token.slice(1, -1).replaceAll('""', '"') });
    else if (kind === "text") found.push({ kind, text: token.slice(1, -1).replaceAll("''", "'") });
    else if (kind !== "space") found.push({ kind, text: token });
  }
  return [...found, { kind: "end", text: "" }];
}

/** Reads a rule by recursive descent: `or`, `and`, `not`, predicates, sums, products, atoms. */
class RuleReader {
  readonly columns = new Map<string, Column>();
  readonly #text: string;
  readonly #tokens: Token[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokens(text);
  }

  whole(): Part {
    const tree = this.#either();
    if (this.#token.kind !== "end") this.#refuse("the end");
    return tree;
  }

  /** Both are of one kind from now on. */
  unify(one: Term, other: Term): Term {
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

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #refuse(wanted: string): never {
    const there = JSON.stringify(this.#token.text);
    throw new UnreadableError(`There is ${there} instead of ${wanted} in the rule ${JSON.stringify(this.#text)}.`);
  }

  #sees(...texts: string[]): boolean {
    return ["word", "symbol"].includes(this.#token.kind) && texts.includes(this.#token.text.toLowerCase());
  }

  #accept(text: string): boolean {
    const found = this.#sees(text);
    if (found) this.#at++;
    return found;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) this.#refuse(text);
  }

  #take(kind: string): string {
    if (this.#token.kind !== kind) this.#refuse(`a ${kind}`);
    return this.#tokens[this.#at++]!.text;
  }

  #alike(parts: Part[], kind: Term = null): Term {
    return parts.reduce((term, part) => this.unify(part.kind, term), kind);
  }

  #boolean(ask: Ask, kind: Term, ...parts: Part[]): Part {
    this.#alike(parts, kind);
    return { ask, kind: "boolean" };
  }

  #either(): Part {
    return this.#joined("or", () => this.#joined("and", () => this.#negation()));
  }

  /** The first decisive answer ends it (false an `and`, true an `or`); short of that, unknown if any part is. */
  #joined(word: "and" | "or", grammar: () => Part): Part {
    const parts = [grammar()];
    while (this.#accept(word)) parts.push(grammar());
    if (parts.length === 1) return parts[0]!;
    return this.#boolean(allOf(parts.map(({ ask }) => ask), word === "or"), "boolean", ...parts);
  }

  #negation(): Part {
    if (!this.#accept("not")) return this.#predicate();
    return this.#opposite(this.#negation());
  }

  #opposite(part: Part): Part {
    return this.#boolean(strict(part.ask, (is) => !is), "boolean", part);
  }

  #predicate(): Part {
    const subject = this.#chain();
    if (this.#sees(...Object.keys(COMPARISONS))) return this.#comparison(subject);
    if (this.#accept("is")) return this.#identity(settled(subject));
    const isOpposite = this.#accept("not");
    for (const [word, grammar] of [["between", this.#between], ["in", this.#oneOf], ["like", this.#like]] as const) {
      if (!this.#accept(word)) continue;
      const found = grammar.call(this, settled(subject));
      return isOpposite ? this.#opposite(found) : found;
    }
    if (isOpposite) this.#refuse("between, in or like");
    return subject;
  }

  #comparison(left: Part): Part {
    const holds = COMPARISONS[this.#take("symbol")]!;
    const right = this.#chain();
    if (left.literal === null || right.literal === null) this.#refuse("something that is not null");
    const [one, other] = [settled(left), settled(right)];
    return this.#boolean(compared(one.ask, other.ask, holds), null, one, other);
  }

  #identity({ ask, kind }: Part): Part {
    const isOpposite = this.#accept("not");
    if (!this.#sees("null", "true", "false")) this.#refuse("null, true or false");
    const wanted = CONSTANTS.get(this.#take("word").toLowerCase())!;
    if (wanted !== null) this.unify(kind, "boolean");
    return { ask: (known) => (ask(known) === wanted) !== isOpposite, kind: "boolean" };
  }

  #between(subject: Part): Part {
    const low = settled(this.#chain());
    this.#expect("and");
    const high = settled(this.#chain());
    const isAbove = compared(subject.ask, low.ask, COMPARISONS[">="]!);
    const isBelow = compared(subject.ask, high.ask, COMPARISONS["<="]!);
    return this.#boolean(allOf([isAbove, isBelow], false), null, subject, low, high);
  }

  #oneOf(subject: Part): Part {
    this.#expect("(");
    const options = [this.#literal()];
    while (this.#accept(",")) options.push(this.#literal());
    this.#expect(")");
    const values = new Set(options.map(({ literal }) => literal));
    return this.#boolean(strict(subject.ask, (said) => values.has(said)), null, subject, ...options);
  }

  #literal(): Part {
    const isNegative = this.#accept("-");
    if (this.#token.kind === "number") return constant(this.#number() * (isNegative ? -1 : 1));
    if (isNegative || !(this.#token.kind === "text" || this.#sees("true", "false"))) this.#refuse("a literal");
    const isText = this.#token.kind === "text";
    return constant(isText ? this.#take("text") : CONSTANTS.get(this.#take("word").toLowerCase())!);
  }

  #like(subject: Part): Part {
    const pattern = this.#take("text");
    const escape = this.#accept("escape") ? this.#take("text") : null;
    const matches = matcher(pattern, escape, () => this.#refuse("a pattern"));
    return this.#boolean(strict(subject.ask, (said) => matches(said as string)), "text", subject);
  }

  #chain(): Part {
    return this.#linked(["+", "-"], () => this.#linked(["*", "/"], () => this.#signed()));
  }

  /** Operands from left to right, in doubles that may run over until `settled` looks at them. */
  #linked(operators: string[], grammar: () => Part): Part {
    const first = grammar();
    const rest: [operator: string, part: Part][] = [];
    while (this.#sees(...operators)) rest.push([this.#take("symbol"), grammar()]);
    if (rest.length === 0) return first;
    this.#alike([first, ...rest.map(([, part]) => part)], "number");
    const ask = computing(first.ask, rest.map(([operator, part]) => [operator, part.ask]));
    return { ask, kind: "number", computed: true };
  }

  #signed(): Part {
    if (!this.#accept("-")) return this.#atom();
    const subject = this.#signed();
    if (typeof subject.literal === "number") return constant(-subject.literal);
    this.unify(subject.kind, "number");
    const ask = strict(subject.ask, (number) => -(number as number));
    return { ask, kind: "number", computed: subject.computed ?? false };
  }

  #atom(): Part {
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

  #number(): number {
    const number = Number(this.#take("number"));
    return Number.isFinite(number) ? number : this.#refuse("a number that can be kept");
  }

  #word(): Part {
    const word = this.#token.text.toLowerCase();
    if (RESERVED.has(word)) this.#refuse("a column or a value");
    const name = this.#take("word");
    if (this.#sees("(")) return this.#call(word);
    return CONSTANTS.has(word) ? constant(CONSTANTS.get(word)!) : this.#column(name);
  }

  #column(name: string): Part {
    const column: Column = this.columns.get(name) ?? { name, is: null };
    this.columns.set(name, column);
    const ask: Ask = (known) => {
      const said = known(name);
      return said === null || said === undefined ? null : coerced(said, column.is as Kind, name);
    };
    return { ask, kind: column };
  }

  #call(name: string): Part {
    const [least, most] = (Object.hasOwn(ARGUMENTS, name) && ARGUMENTS[name]) || this.#refuse("a function on the list");
    this.#expect("(");
    const parts = [settled(this.#either())];
    while (this.#accept(",")) parts.push(settled(this.#either()));
    this.#expect(")");
    if (parts.length < least || parts.length > most) this.#refuse(`${least} to ${most} arguments of ${name}`);
    const taken = name === "coalesce" ? null : name === "length" || name === "lower" ? "text" : "number";
    const kind = this.#alike(parts, taken);
    const asks = parts.map(({ ask }) => ask);
    return { ask: CALLS[name]!(asks), kind: name === "length" ? "number" : kind };
  }
}

const constant = (literal: Scalar): Part => {
  const kinds = { number: "number", string: "text", boolean: "boolean" } as const;
  return { ask: () => literal, kind: literal === null ? null : kinds[typeof literal as keyof typeof kinds], literal };
};

/** A computed number is unknown where it ran over; every other one is finite already. */
const settled = (part: Part): Part => (part.computed ? { ask: bounded(part.ask), kind: "number" } : part);

// The closures that a rule is made of, with NULL as null (`rules/steps.py`).

import { finite, type Scalar } from "./coercion.js";
import type { Trait } from "./living-personas-evaluator.mjs";
import { lower, ordered } from "./texts.js";

/** What is known of a customer, by name. */
export type Known = (name: string) => Trait;

/** One part's answer for one customer. */
export type Ask = (known: Known) => Scalar;

/** A function of one value, which knows nothing of NULL. */
export const strict = (ask: Ask, answer: (said: NonNullable<Scalar>) => Scalar): Ask => (known) => {
  const said = ask(known);
  return said === null ? null : answer(said);
};

/** The first `decisive` answer ends it (false an `and`, true an `or`); short of that, unknown if any part is. */
export function allOf(asks: Ask[], decisive: boolean): Ask {
  return (known) => {
    let answer: boolean | null = !decisive;
    for (const ask of asks) {
      const found = ask(known);
      if (found === decisive) return decisive;
      if (found === null) answer = null;
    }
    return answer;
  };
}

/** A comparison of two values of one kind, unknown if either is. */
export function compared(left: Ask, right: Ask, holds: (order: number) => boolean): Ask {
  return (known) => {
    const [one, other] = [left(known), right(known)];
    if (one === null || other === null) return null;
    return holds(typeof one === "string" ? ordered(one, other as string) : Number(one) - Number(other));
  };
}

/** Operands from left to right, in doubles that may run over until `bounded` looks at them. */
export function computing(first: Ask, rest: [operator: string, ask: Ask][]): Ask {
  return (known) => {
    let total = first(known) as number | null;
    for (const [operator, ask] of rest) {
      const other = ask(known) as number | null;
      if (total === null || other === null) return null;
      if (operator === "/") total = other === 0 ? null : total / other;
      else total = operator === "*" ? total * other : operator === "+" ? total + other : total - other;
    }
    return total;
  };
}

/** The largest or smallest of the values that are known. */
function extreme(asks: Ask[], choose: (...numbers: number[]) => number): Ask {
  return (known) => {
    const numbers = asks.map((ask) => ask(known) as number | null).filter((each) => each !== null);
    return numbers.length === 0 ? null : choose(...numbers);
  };
}

/** A computed number, unknown where it ran over. */
export const bounded = (ask: Ask): Ask => strict(ask, (number) => finite(number as number));

/** The functions of the list, by name. */
export const CALLS: Readonly<Record<string, (asks: Ask[]) => Ask>> = {
  abs: ([ask]) => strict(ask!, (number) => Math.abs(number as number)),
  length: ([ask]) => strict(ask!, (text) => [...(text as string)].length),
  lower: ([ask]) => strict(ask!, (text) => lower(text as string)),
  greatest: (asks) => extreme(asks, Math.max),
  least: (asks) => extreme(asks, Math.min),
  coalesce: (asks) => (known) => {
    for (const ask of asks) {
      const said = ask(known);
      if (said !== null) return said;
    }
    return null;
  },
};

// Does an evaluator decide as the service does? node verify-vectors.mjs EVALUATOR.js VECTORS.jsonl
// Prints how many of the decisions of the file (written by `make vectors`) are equal; leaves with 1 unless all are.
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [script, vectors] = process.argv.slice(2);
const { Evaluator } = await import(pathToFileURL(resolve(script)));

const answer = (evaluator, { customer, traits, at, channel, visit, campaign, only }) => {
  const occasion = { at: BigInt(at), channel, visit, campaign, only };
  const { id, persona, persona_version, holdout, choices, undecided } = evaluator.decide(customer, traits, occasion);
  const chosen = choices.map((each) => [each.attribute, each.option, each.propensity, each.policy, each.epoch]);
  return { id, persona, persona_version, holdout, choices: chosen, undecided: Object.keys(undecided) };
};

// Names in the order of code points, as the file has them.
const points = (text) => Array.from(text, (char) => char.codePointAt(0).toString(16).padStart(6, "0")).join("");
const text = (found) => JSON.stringify({ ...found, undecided: found.undecided.map(points).sort() });

let evaluator;
const count = { decisions: 0, equal: 0, snapshots: 0, unmatched: 0, choices: 0 };
for await (const line of createInterface({ input: createReadStream(vectors) })) {
  const { snapshot, expected, ...asked } = JSON.parse(line);
  if (snapshot) {
    evaluator = new Evaluator(snapshot);
    count.snapshots++;
    continue;
  }
  const found = answer(evaluator, asked);
  count.decisions++;
  count.choices += expected.choices.length;
  count.unmatched += expected.persona === "unmatched";
  if (text(found) === text(expected)) count.equal++;
  else if (count.decisions - count.equal <= 3) {
    console.error(JSON.stringify({ snapshot: evaluator.snapshot.number, asked, expected, found }, null, 1));
  }
}
console.log(JSON.stringify(count));
process.exitCode = count.decisions > 0 && count.equal === count.decisions ? 0 : 1;

// What a provider says: node evaluate.mjs PROVIDER.mjs CLASS < {"snapshot", "at", "asked": [{"flag", "context"}]}
// Prints the details of each question as a list. The SDK beside the provider may be a stand-in: nothing is asked of it.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, name] = process.argv.slice(2);
const { snapshot, at, asked } = JSON.parse(readFileSync(0, "utf8"));
const { [name]: Provider } = await import(pathToFileURL(script));
const provider = new Provider({
  snapshot: `data:application/json;base64,${Buffer.from(JSON.stringify(snapshot)).toString("base64")}`,
  clock: () => new Date(at),
});
await provider.initialize();
const details = [];
for (const { flag, context } of asked) details.push(await provider.resolveStringEvaluation(flag, "fallback", context));
await provider.onClose();
console.log(JSON.stringify(details));

// What a provider decides from, while others are published: node follow.mjs PROVIDER.mjs CLASS < {"snapshots", "at", "context"}
// Prints the details of `framing` under each of the snapshots as a list.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [script, name] = process.argv.slice(2);
const { snapshots, at, context } = JSON.parse(readFileSync(0, "utf8"));
const { [name]: Provider } = await import(pathToFileURL(script));
let document = JSON.stringify(snapshots[0]);
let asked = 0;
const server = createServer((_, answer) => answer.end(document, () => (asked += 1)));
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const provider = new Provider({ snapshot: `http://127.0.0.1:${server.address().port}/`, every: 0.02, clock: () => new Date(at) });
await provider.initialize();
const details = [];
for (const snapshot of snapshots) {
  document = JSON.stringify(snapshot);
  const answered = asked + 3; // who asks again has read what was answered before
  while (asked < answered) await new Promise((done) => setTimeout(done, 5));
  details.push(await provider.resolveStringEvaluation("framing", "fallback", context));
}
await provider.onClose();
server.close();
console.log(JSON.stringify(details));

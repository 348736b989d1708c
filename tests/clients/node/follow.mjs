// Follows a service: node follow.mjs server|web|ofrep URL KEY [COPY]. The first two are our own providers, the last is
// OFREP's for the web, unmodified, with the `eventsource` of npm in place of a browser's. COPY is the address of a copy
// of the snapshot. Prints a line of JSON when it is ready and whenever the flags have changed; told `expose` on stdin it
// says that the first customer met the option; told `compare` it counts for how many of 200 customers it says what
// OFREP's provider says; it ends with stdin.
import { createInterface } from "node:readline";
import { EventSource } from "eventsource";

const [side, service, key, copy] = process.argv.slice(2);
const headers = [["Authorization", `Bearer ${key}`]];
const context = { targetingKey: "u1", channel: "email", utm_campaign: "spring_deal" };
const say = (said) => console.log(JSON.stringify({ at: Date.now(), ...said }));
globalThis.EventSource = EventSource;

const isServer = side === "server";
const sdk = await import(isServer ? "@openfeature/server-sdk" : "@openfeature/web-sdk");
const { OpenFeature, ProviderEvents } = sdk;
const made = {
  server: async () => {
    const { LivingPersonasServerProvider } = await import("./living-personas-openfeature-server.mjs");
    return new LivingPersonasServerProvider({ service, key });
  },
  web: async () => {
    const { LivingPersonasWebProvider } = await import("./living-personas-openfeature-web.mjs");
    return new LivingPersonasWebProvider({ service, key, snapshot: copy });
  },
  ofrep: async () => {
    const { OFREPWebProvider } = await import("@openfeature/ofrep-web-provider");
    return new OFREPWebProvider({ baseUrl: service, headers, disableLocalCache: true });
  },
};
const provider = await made[side]();
if (!isServer) await OpenFeature.setContext(context);
await OpenFeature.setProviderAndWait(provider);
const client = OpenFeature.getClient();
const details = async (flag, about = context) => {
  if (!isServer) await OpenFeature.setContext(about);
  return client.getStringDetails(flag, "default", about);
};

client.addHandler(ProviderEvents.ConfigurationChanged, async () => {
  const { value, flagMetadata } = await client.getStringDetails("framing", "default", context);
  say({ changed: flagMetadata.snapshot, value });
});
say({ ready: (await details("framing")).flagMetadata.snapshot });

// OFREP's provider for servers does not know answers without a value yet, by which a service leaves the default to it.
const resolvedBy = (theirs, flag, about) =>
  theirs.resolveStringEvaluation(flag, "default", about).catch(() => ({ value: "default", reason: "DEFAULT" }));

async function compare() {
  const { OFREPProvider } = await import("@openfeature/ofrep-provider");
  const theirs = new OFREPProvider({ baseUrl: service, headers });
  let equal = 0;
  for (let number = 0; number < 200; number++) {
    const about = { targetingKey: `u${number}`, channel: "email", utm_campaign: number % 2 ? "a deal" : "none" };
    const flag = ["framing", "offer", "persona"][number % 3];
    const [found, wanted] = [await details(flag, about), await resolvedBy(theirs, flag, about)];
    const says = wanted.flagMetadata ?? {};
    const isSame = (name) => says[name] === undefined || found.flagMetadata[name] === says[name];
    equal += found.value === wanted.value && found.reason === wanted.reason &&
      ["persona", "persona_version", "holdout", "propensity", "snapshot"].every(isSame);
  }
  return equal;
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "expose") say({ exposed: await provider.exposed(await details("framing"), context) });
  if (line === "compare") say({ equal: await compare() });
}
await OpenFeature.close();
process.exit(0);

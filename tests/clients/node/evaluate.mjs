// Asks for a decision with an unmodified OpenFeature client: node evaluate.mjs server|web URL KEY CUSTOMER FLAG.
// Prints the details of the evaluation as JSON.
const [side, baseUrl, key, targetingKey, flag] = process.argv.slice(2);
const headers = [["Authorization", `Bearer ${key}`]];
const context = { targetingKey, channel: "email", utm_campaign: "spring_deal" };

async function onServer() {
  const { OpenFeature } = await import("@openfeature/server-sdk");
  const { OFREPProvider } = await import("@openfeature/ofrep-provider");
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers }));
  return OpenFeature.getClient().getStringDetails(flag, "default", context);
}

async function onWeb() {
  const { OpenFeature } = await import("@openfeature/web-sdk");
  const { OFREPWebProvider } = await import("@openfeature/ofrep-web-provider");
  await OpenFeature.setContext(context);
  await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl, headers, pollInterval: 0, disableLocalCache: true }));
  return OpenFeature.getClient().getStringDetails(flag, "default");
}

console.log(JSON.stringify(await { server: onServer, web: onWeb }[side]()));
process.exit(0);

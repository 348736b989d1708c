// Sends events with an unmodified client: node send.mjs CLIENT URL KEY COUNT CUSTOMER. Each has its number as `n`.
import { Analytics } from "@segment/analytics-node";
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { PostHog } from "posthog-node";

const [client, url, key, count, customer] = process.argv.slice(2);
const numbers = Array.from({ length: Number(count) }, (_, n) => n);

const send = {
  async segment() {
    const analytics = new Analytics({ writeKey: key, host: url, flushAt: 5, flushInterval: 200, maxRetries: 20 });
    analytics.identify({ userId: customer, traits: { plan: "pro" } });
    for (const n of numbers) analytics.track({ userId: customer, event: "Counted", properties: { n } });
    await analytics.closeAndFlush({ timeout: 40_000 });
  },

  async rudderstack() {
    const analytics = new RudderAnalytics(key, { dataPlaneUrl: url, flushAt: 5, flushInterval: 200, retryCount: 20 });
    // Its `flush` sends one batch of at most `flushAt`: what is done is told by each message's callback.
    const told = (call, message) =>
      new Promise((done, failed) => analytics[call](message, (error) => (error ? failed(error) : done())));
    const identified = told("identify", { userId: customer, traits: { plan: "pro" } });
    await Promise.all([
      identified,
      ...numbers.map((n) => told("track", { userId: customer, event: "Counted", properties: { n } })),
    ]);
  },

  async posthog() {
    const posthog = new PostHog(key, { host: url, flushAt: 5, flushInterval: 200, fetchRetryCount: 20, fetchRetryDelay: 200 });
    posthog.identify({ distinctId: customer, properties: { plan: "pro" } });
    for (const n of numbers) posthog.capture({ distinctId: customer, event: "Counted", properties: { n } });
    await posthog.shutdown(40_000);
  },
};

await send[client]();
process.exit(0);

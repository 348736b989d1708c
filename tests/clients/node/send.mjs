// Sends events with an unmodified client: node send.mjs CLIENT URL KEY COUNT. Each carries its number as `n`.
import { Analytics } from "@segment/analytics-node";
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { PostHog } from "posthog-node";

const [client, url, key, count] = process.argv.slice(2);
const numbers = Array.from({ length: Number(count) }, (_, n) => n);

const send = {
  async segment() {
    const analytics = new Analytics({ writeKey: key, host: url, flushAt: 5, flushInterval: 200, maxRetries: 20 });
    analytics.identify({ userId: "node-user", traits: { plan: "pro" } });
    for (const n of numbers) analytics.track({ userId: "node-user", event: "Counted", properties: { n } });
    await analytics.closeAndFlush({ timeout: 40_000 });
  },

  async rudderstack() {
    const analytics = new RudderAnalytics(key, { dataPlaneUrl: url, flushAt: 5, flushInterval: 200, retryCount: 20 });
    analytics.identify({ userId: "node-user", traits: { plan: "pro" } });
    for (const n of numbers) analytics.track({ userId: "node-user", event: "Counted", properties: { n } });
    await new Promise((done) => analytics.flush(done));
  },

  async posthog() {
    const posthog = new PostHog(key, { host: url, flushAt: 5, flushInterval: 200, fetchRetryCount: 20, fetchRetryDelay: 200 });
    posthog.identify({ distinctId: "node-user", properties: { plan: "pro" } });
    for (const n of numbers) posthog.capture({ distinctId: "node-user", event: "Counted", properties: { n } });
    await posthog.shutdown(40_000);
  },
};

await send[client]();
process.exit(0);

/*
 * Living Personas on a page: it asks what to show whom, shows it without flicker, and says what was seen.
 *
 *   <script src="/living-personas.js" data-server="https://personas.example.com" data-key="pk_..." data-channel="landing"></script>
 *   <h1 data-persona="framing" data-shows="discount">
 *     Save on your first order
 *     <template data-option="quality">Made to last ten years</template>
 *   </h1>
 *
 * What stands in the HTML is the default: it is shown when the service does not answer within 300 ms, when visitors
 * ask not to be followed (Global Privacy Control: then nothing is asked, stored or sent), and without JavaScript.
 */
(() => {
  "use strict";

  const WAIT = 300;
  const { currentScript } = document;
  const { key, channel, customer, userHash, traits, server = new URL(currentScript.src).origin } = currentScript.dataset;
  const refused = navigator.globalPrivacyControl || !key;
  const painted = performance.getEntriesByType("paint").length > 0;
  const known = { customer, hash: userHash, traits: traits ? JSON.parse(traits) : {} };

  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => (b + 256).toString(16).slice(1)).join("");

  // A visitor without storage is a new one on each page.
  let visitor = random();
  if (!refused) {
    try {
      visitor = localStorage.lp_visitor ||= visitor;
    } catch {}
  }

  // Plain text with the key in the body: browsers send it at once, without asking for permission first.
  const send = (kind, said) => {
    if (refused) return false;
    const now = new Date().toISOString();
    const message = { ...said, userId: known.customer, anonymousId: visitor, messageId: random(), timestamp: now, sentAt: now, writeKey: key };
    // The proof that the page's server made: without it nobody speaks for a customer whom a server named.
    if (known.hash) message.integrations = { "Living Personas": { user_hash: known.hash } };
    return navigator.sendBeacon(`${server}/v1/${kind}`, JSON.stringify(message));
  };

  const decide = async (attribute, where = channel) => {
    if (refused) return null;
    const question = { customer: known.customer || visitor, attribute, channel: where, traits: known.traits, user_hash: known.hash, writeKey: key };
    try {
      const answer = await fetch(`${server}/v1/decide`, {
        method: "POST",
        body: JSON.stringify(question),
        signal: AbortSignal.timeout(WAIT),
      });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  };

  const seen = (decision) => decision.token && send("track", {
    event: "Persona Exposed",
    context: { channel: decision.channel },
    properties: { decision_id: decision.id, token: decision.token },
  });

  const whenSeen = (element, then) => {
    const watch = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watch.disconnect();
      then();
    });
    watch.observe(element);
  };

  const parsed = () => document.readyState !== "loading" || new Promise((done) => addEventListener("DOMContentLoaded", done));
  const inSight = (element) => element.getBoundingClientRect().top < innerHeight;

  const show = async (element, isLate) => {
    const { persona: attribute, channel: where, shows } = element.dataset;
    const began = performance.now();
    const decision = await decide(attribute, where);
    await parsed();
    const option = decision?.attributes[attribute]?.option;
    const template = [...element.querySelectorAll("template")].find((each) => each.dataset.option === option);
    // What is left out must not depend on the option, or the options could not be compared.
    if (!option || performance.now() - began > WAIT || (isLate && inSight(element))) return;
    if (template) element.replaceChildren(template.content);
    else if (option !== shows) return console.warn(`data-persona="${attribute}": no <template data-option="${option}">`);
    whenSeen(element, () => seen(decision));
  };

  const ready = (element) => element.setAttribute("data-ready", "");
  const met = new WeakSet();
  const look = (isLate) => {
    for (const element of document.querySelectorAll("[data-persona]")) {
      if (met.has(element)) continue;
      met.add(element);
      if (isLate) ready(element);
      setTimeout(ready, WAIT, element);
      show(element, isLate).finally(() => ready(element));
    }
  };

  if (!refused) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("[data-persona]:not([data-ready]){visibility:hidden}");
    if (painted) look(true);
    document.adoptedStyleSheets.push(sheet);
    look();
    new MutationObserver(() => look()).observe(document, { childList: true, subtree: true });
  }

  window.livingPersonas = {
    decide,
    seen,
    track: (event, properties) => send("track", { event, properties }),
    identify: (id, { user_hash, ...said } = {}) => {
      known.customer = id;
      known.hash = user_hash;
      Object.assign(known.traits, said);
      return send("identify", { traits: said });
    },
  };
})();

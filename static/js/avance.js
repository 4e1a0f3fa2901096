// The answer of a link is asked for when somebody is about to follow it: pointer, focus or press on it.
// Only inside [data-avance], whose addresses leave no trace; the server refuses the others (handlers.py, « ahead »).
// One answer is kept, for a few seconds, in this page alone; anything sent meanwhile makes it worthless.
"use strict";

(() => {
  const HESITATION = 60;
  const KEPT = 5000;
  let api;
  let kept = null;
  let timer;

  const address = ({ request }) => request.action.replace(/#.*$/, "");

  function ask(link, event) {
    const ctx = api.createRequestContext(link, event);
    const action = address(ctx);
    if (ctx.request.method !== "GET" || (kept?.action === action && Date.now() < kept.until)) return;
    const headers = { ...ctx.request.headers, "HX-Request-Type": "partial", "HX-Preloaded": "true" };
    const sent = { ...ctx.request, headers, signal: AbortSignal.timeout(KEPT) };
    const answer = fetch(action, sent).then((found) => (found.status === 200 ? found : null), () => null);
    kept = { action, answer, until: Date.now() + KEPT };
  }

  function near(event) {
    clearTimeout(timer);
    const link = event.target.closest?.("[data-avance] a[hx-get]:not([aria-current])");
    if (link) timer = setTimeout(() => link.isConnected && ask(link, event), event.type === "pointerdown" ? 0 : HESITATION);
  }

  htmx.registerExtension("avance", {
    init: (internal) => { api = internal; },
    htmx_before_request: (_element, { ctx }) => {
      const found = kept;
      kept = null;
      clearTimeout(timer);
      if (ctx.request.method !== "GET" || found?.action !== ctx.request.action || Date.now() > found.until) return;
      ctx.fetch = async (action, request) => await found.answer ?? fetch(action, request);
    },
  });
  for (const type of ["pointerover", "focusin", "pointerdown"]) document.addEventListener(type, near, { passive: true });
})();

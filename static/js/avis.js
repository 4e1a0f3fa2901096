// The count of notices in the page's head, asked for again every minute while the page is looked at. Asking does not
// prolong the session (Page.quiet), and what fails is not said: the next minute tries again.
"use strict";

(() => {
  const MINUTE = 60_000;
  const bell = document.querySelector("[data-avis]");
  if (!bell) return;
  let asked = Date.now();

  function ask() {
    if (document.hidden || Date.now() - asked < MINUTE - 1000) return;
    asked = Date.now();
    bell.dispatchEvent(new CustomEvent("avis:relire"));
  }

  setInterval(ask, MINUTE);
  document.addEventListener("visibilitychange", ask);
  bell.addEventListener("htmx:error", (event) => event.stopPropagation());
  bell.addEventListener("htmx:before:swap", (event) => {
    if (event.detail.ctx.response.status === 200) return;
    event.preventDefault();
    event.stopPropagation();
  });
})();

// Coming back from Pro Santé Connect, and leaving it: does at once what the page's one button does.
"use strict";

(() => {
  const back = document.getElementById("retour-ecps");
  const out = document.getElementById("sortie-ecps");
  // Sent while the page still loads, so that it leaves no step behind in the history.
  if (back) back.requestSubmit();
  if (out) location.replace(out.href);
})();

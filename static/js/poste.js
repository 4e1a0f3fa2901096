// « Vérifier mon poste »: looks at the browser, tries a window, times the line. Nothing is sent.
"use strict";

(() => {
  const ENOUGH = 2; // Mb/s, of the practical guide
  const list = document.getElementById("poste");

  function say(what, words, more = "") {
    const place = list.querySelector(`[data-verifie=${what}]`);
    place.textContent = document.querySelector(`template[data-mots=${what}-${words}]`).content.textContent + more;
  }

  // Once, when all is known: a second message would cut the first short.
  function announce() {
    const lines = Array.from(list.querySelectorAll("[data-verifie]"), (place) => place.textContent);
    document.getElementById("annonce").textContent = lines.join(" ");
  }

  // What the portal's pages are made with: dialogs, popovers, and colours by scheme.
  const recent = () => "showModal" in HTMLDialogElement.prototype && "popover" in HTMLElement.prototype
    && CSS.supports("color", "light-dark(black, white)");

  async function time() {
    const start = performance.now();
    const answer = await fetch(list.dataset.debit, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const size = (await answer.arrayBuffer()).byteLength;
    return (size * 8) / 1000 / Math.max(1, performance.now() - start);
  }

  document.getElementById("verifier-poste").addEventListener("click", async () => {
    const popup = window.open("about:blank", "essai", "popup,width=200,height=100");
    say("fenetres", popup ? "bon" : "bloquees");
    if (popup) popup.close();
    say("navigateur", recent() ? "bon" : "ancien");
    try {
      const speed = await time();
      const words = `${speed.toLocaleString("fr-FR", { maximumFractionDigits: 1 })}\u00a0Mb/s.`;
      say("ligne", speed >= ENOUGH ? "bon" : "lente", words);
    } catch {
      say("ligne", "panne");
    }
    announce();
  });
})();

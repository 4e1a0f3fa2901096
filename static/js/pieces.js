// Says before it leaves that a file is too large, and while it leaves that it does. The server judges without it too.

const field = document.getElementById("fichier");
const status = document.querySelector("[data-suivi-envoi]");

const megabytes = (size) => (Math.ceil((size * 10) / 2 ** 20) / 10).toLocaleString("fr-FR");
const tooLarge = () => (field.files[0]?.size ?? 0) > Number(field.dataset.octets);

function say(words, isError = false) {
  status.textContent = words;
  status.className = isError ? "champ-erreur" : "champ-aide";
}

if (field && status) {
  field.addEventListener("change", () => {
    const most = megabytes(field.dataset.octets);
    say(tooLarge() ? `Ce fichier est trop gros\u00a0: ${megabytes(field.files[0].size)}\u00a0Mo, pour ${most}\u00a0Mo au plus.` : "", true);
  });
  field.form.addEventListener("submit", (event) => {
    if (!tooLarge()) {
      if (field.files.length) say("Envoi et contrôle du fichier en cours… Gardez cette page ouverte.");
      return;
    }
    event.preventDefault();
    field.focus();
  });
  // Back from another page: nothing is leaving any more.
  addEventListener("pageshow", (event) => { if (event.persisted) say(""); });
}

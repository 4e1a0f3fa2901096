// Talks to the portal's window that opened this one, and keeps the card's state up to date.
const { origine, message, token, surveille, presence } = document.body.dataset;
const portal = window.opener;
const byId = (id) => document.getElementById(id);

// Only ever to the exact origin that asked: a page that took its place receives nothing.
function tell(words) {
  if (portal && origine) portal.postMessage(words, origine);
}

function greet() {
  if (message === "present") tell({ type: "portail-cps-present" });
  if (message === "annule") tell({ type: "portail-cps-annule" });
  if (message === "token") tell({ type: "portail-cps", token: JSON.parse(token) });
  // A little later: a message whose window is already gone reaches the portal without its source.
  if (portal && (message === "annule" || message === "token")) setTimeout(() => window.close(), 400);
  if (!portal && byId("sans-portail")) byId("sans-portail").hidden = false;
}

function show({ etat, titre, conseil, essais }) {
  const block = byId("etat");
  const ready = etat === "carte-prete" && block.dataset.etat !== etat;
  if (block.dataset.etat !== etat) {
    block.dataset.etat = etat;
    byId("etat-titre").textContent = titre;
    byId("etat-conseil").textContent = conseil;
    byId("aide").hash = etat;
  }
  if (byId("etat-essais").textContent !== essais) byId("etat-essais").textContent = essais;
  return ready;
}

// While the code is typed: says that the card left; true when one came back, for which the code is asked anew.
function follow(state) {
  const ready = state.etat === "carte-prete";
  const words = ready ? "" : `${state.titre}. ${state.conseil}`;
  if (byId("partie").textContent !== words) byId("partie").textContent = words;
  byId("partie").hidden = ready;
  return ready && state.presence !== presence;
}

const SILENT = {
  etat: "lecteur-absent",
  titre: "Le programme ne répond plus",
  conseil: "Relancez le programme du lecteur sur ce poste, puis vérifiez à nouveau.",
  essais: "",
};

async function watch() {
  let state = SILENT;
  try {
    const answer = await fetch("/v1/etat", { cache: "no-store" });
    if (answer.ok) state = await answer.json();
  } catch {
    // The program was stopped: SILENT says so, and the next look may find it again.
  }
  if (left) return;
  if (surveille === "code") {
    if (follow(state)) return byId("reessayer").requestSubmit();
    return setTimeout(watch, 1000);
  }
  // A card that comes while its login waits for it needs no further click.
  if (show(state) && surveille === "attente") return byId("reessayer").requestSubmit();
  setTimeout(watch, 1000);
}

// Once a form is sent, its answer is the next page: a look under way must not send another one.
let left = false;
addEventListener("submit", () => { left = true; });

greet();
if (surveille) setTimeout(watch, 1000);
if (portal && byId("fermer")) {
  byId("fermer").hidden = false;
  byId("fermer").addEventListener("click", () => window.close());
}

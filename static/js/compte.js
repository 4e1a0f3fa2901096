// Ticks the rules of the password while one types. The server judges; without this file the list is plain text.

const KINDS = { minuscule: /\p{Ll}/u, majuscule: /\p{Lu}/u, chiffre: /\p{Nd}/u, autre: /[^\p{Ll}\p{Lu}\p{Nd}]/u };
const PAUSE = 600;

const longEnough = (text, least) => [...text].length >= least;
const kinds = (text) => Object.values(KINDS).filter((kind) => kind.test(text)).length;
const words = (text) => new Set(text.toLowerCase().split(/[\s-]+/).filter(Boolean)).size;

const RULES = {
  longueur: (text, { min }) => longEnough(text, Number(min)),
  maximum: (text, { max }) => !longEnough(text, Number(max) + 1),
  classe: (text, { classe }) => KINDS[classe].test(text),
  force: (text) =>
    (longEnough(text, 12) && kinds(text) === 4) || (longEnough(text, 14) && kinds(text) >= 3) || words(text) >= 7,
};

function tick(list, text) {
  const rules = [...list.querySelectorAll("[data-regle]")];
  for (const rule of rules) {
    const kept = text !== "" && RULES[rule.dataset.regle](text, rule.dataset);
    rule.classList.toggle("tenue", kept);
    rule.querySelector("[data-etat]").textContent = kept ? "respecté\u00a0: " : "";
  }
  return `${rules.filter((rule) => rule.classList.contains("tenue")).length} critères respectés sur ${rules.length}.`;
}

function watch(list) {
  const field = document.getElementById(list.dataset.motDePasse);
  const status = list.querySelector("[role=status]");
  let timer;
  field.addEventListener("input", () => {
    const text = field.value.normalize("NFC");
    const told = tick(list, text);
    clearTimeout(timer);
    timer = setTimeout(() => { status.textContent = text ? told : ""; }, PAUSE);
  });
}

document.querySelectorAll("[data-mot-de-passe]").forEach(watch);

// The letter of an AGGIR line follows its four adverbs, and the adverbs leave when another letter is chosen.
// Without it the server finds the letter, or says that the two disagree: portal/volets/aggir.py.
"use strict";

const ADVERBS = ["s", "t", "h", "c"];

// Before the page's own listeners, which save what they see: a line must be coherent by then.
for (const type of ["input", "change"]) document.addEventListener(type, followAdverbs, true);

function followAdverbs(event) {
  const line = event.target.closest?.('[data-sorte="abc"]');
  if (!line) return;
  const { champ } = line.dataset;
  const radios = (name) => [...line.querySelectorAll("input[type=radio]")].filter((input) => input.name === name);
  const tick = (name, value) => { for (const input of radios(name)) input.checked = input.value === value; };
  const said = ADVERBS.map((adverb) => radios(`${champ}.${adverb}`).find((input) => input.checked)?.value ?? "");
  const found = said.every(Boolean) ? letterOf(said) : "";
  if (event.target.name !== champ) {
    if (found) tick(champ, found);
  } else if (found !== event.target.value) for (const adverb of ADVERBS) tick(`${champ}.${adverb}`, "");
}

function letterOf(said) {
  if (said.every((word) => word === "oui")) return "A";
  return said.every((word) => word === "non") ? "C" : "B";
}

// A GIR that changes is said: the bar it stands in is replaced at each saving, which no screen reader reads by itself.
const gir = () => document.getElementById("aggir-titre")?.textContent ?? "";
let said = gir();
const bar = document.getElementById("suivi")?.parentElement;
if (bar) {
  new MutationObserver(() => {
    if (gir() === said) return;
    said = gir();
    document.getElementById("annonce").textContent = said;
  }).observe(bar, { childList: true });
}

// « Créer un dossier »: questions that another answer brings up, and choices that can be cleared.
// Without it every question shows, with the words that say when it is asked.
const form = document.querySelector("form[data-creation]");
document.documentElement.dataset.script = "";

const box = (id) => form.querySelector(`[data-champ="${CSS.escape(id)}"]`);
const answer = (id) => box(id)?.querySelector(":checked, select, input:not([type])")?.value ?? "";
const asked = (question) => !question.dataset.si
  || JSON.parse(question.dataset.si).every(([id, wanted]) => box(id) && asked(box(id)) && wanted.includes(answer(id)));

function refresh() {
  for (const question of form.querySelectorAll("[data-si]")) question.classList.toggle("non-demande", !asked(question));
}

form.addEventListener("change", refresh);

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-effacer]");
  if (!button) return;
  const inputs = [...button.closest("[data-champ]").querySelectorAll("input")];
  for (const input of inputs) input.checked = false;
  inputs[0].focus();
  refresh();
});

refresh();

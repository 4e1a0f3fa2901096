// Completion of « Code Postal / Ville »: an editable combobox with a list (WAI-ARIA Authoring Practices).
// htmx brings the list; this module shows it and lets the keyboard or the pointer choose. Without it the field
// is an ordinary text field, which the server checks when the form is sent.
const FIELD = "input[data-completion]";

const listOf = (field) => document.getElementById(field.dataset.completion);
const fieldOf = (list) => document.querySelector(`input[data-completion="${list.id}"]`);
const isOpen = (field) => field.getAttribute("aria-expanded") === "true";
const active = (field) => document.getElementById(field.getAttribute("aria-activedescendant") ?? "");

function equip(field) {
  if (field.getAttribute("role") === "combobox") return;
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", field.dataset.completion);
  field.setAttribute("aria-expanded", "false");
}

function show(field, open) {
  equip(field);
  listOf(field).hidden = !open;
  field.setAttribute("aria-expanded", String(open));
  activate(field, null);
}

function activate(field, option) {
  for (const other of listOf(field).children) other.setAttribute("aria-selected", String(other === option));
  if (!option) return field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function announce(field, words) {
  document.getElementById(`${field.id}-etat`).textContent = words;
}

function choose(field, option) {
  field.value = option.textContent.trim();
  field.dataset.choisie = field.value;
  show(field, false);
  announce(field, "");
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function move(field, step) {
  const options = [...listOf(field).children];
  if (!options.length) return;
  if (!isOpen(field)) show(field, true);
  const from = options.indexOf(active(field));
  const to = from < 0 ? (step > 0 ? 0 : options.length - 1) : (from + step + options.length) % options.length;
  activate(field, options[to]);
}

document.addEventListener("htmx:after:swap", (event) => {
  const field = event.target;
  if (!field.matches?.(FIELD)) return document.querySelectorAll(FIELD).forEach(equip);
  // An answer that comes after the choice, or after the field was left, must not open the list again.
  const wanted = document.activeElement === field && field.value !== field.dataset.choisie && field.value.trim() !== "";
  show(field, wanted && listOf(field).children.length > 0);
  announce(field, wanted ? listOf(field).dataset.etat : "");
});

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches(FIELD)) return;
  delete field.dataset.choisie;
  activate(field, null);
  // A suggestion picked under an error has the field's name and would win over what is now typed.
  for (const radio of field.form?.querySelectorAll(`input[type="radio"][name="${field.name}"]`) ?? []) radio.checked = false;
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches?.(FIELD) || event.isComposing) return;
  const option = active(field);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") move(field, event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter" && isOpen(field) && option) choose(field, option);
  else if (event.key === "Escape" && isOpen(field)) show(field, false);
  else return;
  event.preventDefault();
});

// The pointer must not take the focus from the field before the click.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest(".completion-liste")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const option = event.target.closest(".completion-choix");
  if (option) choose(fieldOf(option.parentElement), option);
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches(FIELD)) show(event.target, false);
});

document.querySelectorAll(FIELD).forEach(equip);

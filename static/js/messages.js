// A message being written: how many characters are left. Without it the limit is said above the field.
"use strict";

for (const field of document.querySelectorAll("textarea[data-longueur]")) {
  const most = Number(field.dataset.longueur);
  const told = document.getElementById(`${field.id}-aide`);
  const before = told.textContent;
  const number = new Intl.NumberFormat("fr-FR");

  // As the server counts: characters, not halves of them, and no blank ends.
  const count = () => {
    const left = most - [...field.value.trim()].length;
    const many = Math.abs(left) > 1 ? "s" : "";
    told.classList.toggle("champ-erreur", left < 0);
    if (left === most) told.textContent = before;
    else if (left < 0) told.textContent = `${number.format(-left)} caractère${many} de trop\u00a0: raccourcissez le message.`;
    else told.textContent = `Il reste ${number.format(left)} caractère${many}. Un message envoyé ne se modifie plus.`;
  };

  field.addEventListener("input", count);
  count();
}

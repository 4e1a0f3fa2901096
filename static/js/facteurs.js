// « Imprimer »: the browser's own window. Without this file the button is not shown.
"use strict";

for (const button of document.querySelectorAll("[data-imprimer]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

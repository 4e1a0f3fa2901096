// What every page does beyond plain links and forms. Everything works without this file, with more page loads.
"use strict";

(() => {
  const SECOND = 1000;
  const [PLAIN, UNDO, BUSY] = [10 * SECOND, 20 * SECOND, 15 * SECOND];
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, react) => document.addEventListener(type, react);

  // --- words for the eyes (messages) and for the ears (the live region)
  function announce(text, region = find("#annonce")) {
    region.textContent = "";
    setTimeout(() => { region.textContent = text; }, 100);
  }

  const spoken = (element) => element.dataset.annonce || element.textContent.trim().replace(/\s+/g, " ");

  function say(template, text) {
    const shown = find(template).content.firstElementChild.cloneNode(true);
    if (text) find("[data-annonce]", shown).textContent = text;
    const same = (other) => other.textContent === shown.textContent;
    if (!all("#messages .message").some(same)) find("#messages").append(shown);
    announce(spoken(find("[data-annonce]", shown)));
  }

  // A message leaves by itself only if it reports a success, and never under the pointer or the focus.
  function leaveLater(message) {
    if (message.dataset.part || !["succes", "info"].includes(message.dataset.message)) return;
    message.dataset.part = "1";
    let left = find("[data-annuler]", message) ? UNDO : PLAIN;
    const timer = setInterval(() => {
      if (!message.matches(":hover, :focus-within")) left -= SECOND;
      if (left > 0 && message.isConnected) return;
      clearInterval(timer);
      message.remove();
    }, SECOND);
  }

  // --- after a swap: focus goes to what is new, unless someone is typing; counts and messages are spoken
  function settled(event) {
    const { task, newContent } = event.detail;
    const parts = newContent.filter((node) => node.nodeType === Node.ELEMENT_NODE);
    const pick = (selector) => parts.flatMap((part) => (part.matches(selector) ? [part] : all(selector, part)));
    const errors = pick(".resume-erreurs")[0];
    const goal = errors ?? pick("[data-focus]")[0];
    const field = document.activeElement;
    const typing = field?.matches("input, textarea, select") && task.sourceElement?.contains(field);
    if (goal && (errors || !typing)) goal.focus();
    const words = pick("[data-annonce]").map(spoken).join(" ");
    if (words) announce(words);
    pick(".message").forEach(leaveLater);
    pick("input[type=password]").forEach(offerToShow);
  }

  // A whole error page must not be put inside a part of this one: its words are shown, and nothing typed is lost.
  function refuseErrorPages(event) {
    const { response, text } = event.detail.ctx;
    if (response.status < 400 || !/<html[\s>]/i.test(text)) return;
    event.preventDefault();
    const page = new DOMParser().parseFromString(text, "text/html");
    say("#panne", all("[data-erreur] [data-dire]", page).map(spoken).join(" "));
  }

  // --- htmx comes when somebody nears what uses it, on the pages that do not bring it
  const source = document.currentScript.dataset.htmx;
  let coming = null;

  function bringHtmx() {
    if (window.htmx) return Promise.resolve();
    coming ??= new Promise((done) => {
      // After its own first turn, in which it finds the page's attributes; done as well if it can't come.
      const script = Object.assign(document.createElement("script"), {
        src: source, onload: () => setTimeout(done), onerror: done });
      document.head.append(script);
    });
    return coming;
  }

  for (const type of ["pointerover", "focusin"]) on(type, ({ target }) => { if (target.closest?.("[hx-get], [hx-post]")) bringHtmx(); });

  // A click that came before it waits for it; without it, the link is a link.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[hx-get]");
    if (window.htmx || !link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    bringHtmx().then(() => { if (window.htmx) link.click(); else location.assign(link.href); });
  }, true);

  on("avis:relire", ({ target }) => {
    if (!window.htmx) bringHtmx().then(() => window.htmx && target.dispatchEvent(new CustomEvent("avis:relire")));
  });

  // --- help drawer
  let opener = null;

  function closeDrawer() {
    const drawer = find("#tiroir-aide");
    if (!drawer.classList.contains("ouvert")) return false;
    drawer.classList.remove("ouvert");
    drawer.replaceChildren();
    opener?.focus();
    return true;
  }

  // --- forms: one submission at a time, passwords shown on demand
  const unsaved = () => all("main form[method=post]").some((form) => [...form.elements].some((field) => {
    if (field.type === "hidden" || field.disabled) return false;
    if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
    const chosen = field.options && Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
    if (field.options) return field.selectedIndex !== chosen;
    return "defaultValue" in field && field.value !== field.defaultValue;
  }));

  function busy(form, state) {
    form.toggleAttribute("data-envoi", state);
    for (const button of all("button:not([type=button])", form)) button.ariaDisabled = state ? "true" : null;
  }

  function submitted(event) {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || (form.target && form.target !== "_self")) return;
    if (form.action.endsWith("/connexion/quitter")) channel?.postMessage({ left: true });
    busy(form, true);
    setTimeout(() => busy(form, false), BUSY);
  }

  // In the capture phase: before htmx and before anyone else hears of it.
  document.addEventListener("submit", (event) => {
    if (!event.target.hasAttribute("data-envoi")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  function offerToShow(field) {
    const row = document.createElement("div");
    const button = document.createElement("button");
    const label = field.labels[0]?.firstChild.textContent.trim() ?? "";
    row.className = "champ-groupe";
    button.className = "bouton";
    button.type = "button";
    button.dataset.montrer = "";
    button.ariaPressed = "false";
    const which = Object.assign(document.createElement("span"), { className: "hors-ecran", textContent: `\u00a0: ${label}` });
    button.append("Afficher", which);
    field.replaceWith(row);
    row.append(field, button);
  }

  function showPassword(button) {
    const field = button.previousElementSibling;
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.ariaPressed = String(shown);
    button.firstChild.textContent = shown ? "Masquer" : "Afficher";
  }

  // --- session: warned before it ends, in all tabs alike
  const dialog = find("#session");
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("session") : null;
  const warning = Number(document.body.dataset.sessionAvertir) * SECOND;
  let end = Date.now() + Number(document.body.dataset.sessionFin) * SECOND;
  let over = false;

  function endsIn(seconds, tell = true) {
    if (!dialog || !Number.isFinite(seconds) || seconds <= 0) return;
    end = Date.now() + seconds * SECOND;
    over = false;
    if (tell) channel?.postMessage({ end });
    if (dialog.open && end - Date.now() > warning) dialog.close();
  }

  function sessionOver() {
    if (over) return;
    over = true;
    dialog.close();
    if (unsaved()) return say("#session-finie");
    location.assign(`/connexion?expiree=1&suite=${encodeURIComponent(location.pathname + location.search)}`);
  }

  function tick() {
    const left = Math.ceil((end - Date.now()) / SECOND);
    if (over || left * SECOND > warning) return;
    if (left <= 0) return sessionOver();
    const words = left >= 60 ? `${Math.floor(left / 60)} min ${left % 60} s` : `${left} s`;
    find("[data-decompte]", dialog).textContent = words;
    const first = !dialog.open;
    if (first) dialog.showModal();
    if (first || left % 30 === 0) announce(`Votre session se ferme dans ${words}.`, find("[data-decompte-lu]", dialog));
  }

  async function stay(form) {
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" },
      });
      if (answer.status === 401) return sessionOver();
      if (!answer.ok) throw new Error(String(answer.status));
      endsIn((await answer.json()).expires_in);
    } catch {
      dialog.close();
      say("#panne");
    }
  }

  if (dialog) {
    const form = find("[data-prolonger]", dialog);
    form.addEventListener("submit", (event) => { event.preventDefault(); stay(form); });
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); form.requestSubmit(); });
    channel?.addEventListener("message", ({ data }) => {
      if (data.left) sessionOver();
      else endsIn((data.end - Date.now()) / SECOND, false);
    });
    endsIn((end - Date.now()) / SECOND);
    setInterval(tick, SECOND);
    on("visibilitychange", tick);
  }

  // --- keyboard: « / » searches, « ? » helps, « g d » opens the dossiers; can be switched off (WCAG 2.1.4)
  const toggle = find("[data-raccourcis]");
  const wanted = () => localStorage.getItem("raccourcis") !== "non";
  let before = "";

  function shortcut(event) {
    if (!toggle || !wanted() || event.ctrlKey || event.metaKey || event.altKey || dialog?.open) return;
    if (event.target.matches?.("input, textarea, select, [contenteditable]")) return;
    const target = { "/": "main input[type=search]", "?": "[data-aide]" }[event.key]
      ?? (before && `[data-raccourci="${before} ${CSS.escape(event.key)}"]`);
    before = event.key === "g" ? "g" : "";
    const found = target && find(target);
    if (!found) return;
    event.preventDefault();
    found[found.matches("input") ? "focus" : "click"]();
  }

  function showToggle() {
    toggle.hidden = false;
    find("[data-etat]", toggle).textContent = wanted() ? "activés" : "désactivés";
  }

  // --- listeners
  on("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    const asked = hit("[hx-target='#tiroir-aide']");
    const from = document.activeElement; // « ? » asks from anywhere; some browsers focus no link that is clicked
    if (asked && !from.closest("#tiroir-aide")) opener = from === document.body ? asked : from;
    if (hit("[data-fermer='tiroir-aide']")) closeDrawer();
    if (hit("[data-fermer-message]")) hit(".message").remove();
    if (hit("[data-montrer]")) showPassword(hit("[data-montrer]"));
    if (hit("[data-raccourcis]")) {
      localStorage.setItem("raccourcis", wanted() ? "non" : "oui");
      showToggle();
    }
    for (const menu of all("[data-sous-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  on("keydown", (event) => {
    if (event.key !== "Escape") return shortcut(event);
    const menu = find("[data-sous-menu][open]");
    if (menu) {
      menu.open = false;
      find("summary", menu).focus();
    } else if (!event.defaultPrevented) closeDrawer();
  });
  on("submit", submitted);
  for (const [type, state] of [["htmx:before:request", true], ["htmx:finally:request", false]]) {
    on(type, ({ detail: { ctx } }) => { if (ctx.request.method === "POST") busy(ctx.sourceElement, state); });
  }
  on("htmx:after:request", ({ detail }) => endsIn(Number(detail.ctx.response.headers.get("x-session-fin"))));
  on("session:fin", ({ detail }) => endsIn(detail)); // a script that asks by itself (volets.js)
  on("htmx:before:swap", refuseErrorPages);
  on("htmx:after:settle", settled);
  on("htmx:error", ({ detail }) => { if (detail.ctx) say("#panne"); });
  window.addEventListener("pageshow", () => all("form[data-envoi]").forEach((form) => busy(form, false)));

  all("input[type=password]").forEach(offerToShow);
  all("#messages .message").forEach(leaveLater);
  const told = all("#messages [data-annonce]").map(spoken).join(" ");
  if (told) announce(told);
  if (toggle) showToggle();
})();

// The count of notices: asked for again every minute while the page is looked at, and failing in silence.
(() => {
  const MINUTE = 60_000;
  const bell = document.querySelector("[data-avis]");
  if (!bell) return;
  let asked = Date.now();

  function ask() {
    if (document.hidden || Date.now() - asked < MINUTE - 1000) return;
    asked = Date.now();
    bell.dispatchEvent(new CustomEvent("avis:relire", { bubbles: true }));
  }

  setInterval(ask, MINUTE);
  document.addEventListener("visibilitychange", ask);
  bell.addEventListener("htmx:error", (event) => event.stopPropagation());
  bell.addEventListener("htmx:before:swap", (event) => {
    if (event.detail.ctx.response.status === 200) return;
    event.preventDefault();
    event.stopPropagation();
  });
})();

// A volet that is being filled in: saved while one types, sections that open, questions that others bring up.
// Without it the page is a form with a button. The server's side of the talk: portal/volets/pages.py.
"use strict";

document.documentElement.dataset.script = "";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("volet");
  if (!form) return;

  const [PAUSE, SLOW, PATIENCE] = [1000, 400, 20_000];
  const WAITS = [2000, 5000, 10_000, 20_000, 30_000, 60_000];
  const TOO_LONG = 20_000; // characters: more is refused here, so that one field does not hold up the others
  const LIVE = ["texte", "ligne", "choix", "liste", "choix_multiple", "abc"]; // may be sent while being typed
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const bar = () => find("#suivi");
  const element = (tag, className, text = "") => Object.assign(document.createElement(tag), { className, textContent: text });

  // Without script a radio button can't be unticked: with it « Effacer » does.
  for (const choice of all(".choix.sans-script", form)) choice.remove();

  // --- the fields: what is in them, and what the server has
  // saved: the inputs that the server holds; refused: those it would not take; ready: the person has left the field.
  const fields = new Map(all("[data-champ]", form).map((box) => [box.dataset.champ, { box, id: box.dataset.champ, ready: true, refused: null }]));
  const base = JSON.parse(form.dataset.base);
  const inputs = (field) => all("input[name], select[name], textarea[name]", field.box);
  const ticks = (input) => input.matches("[type=radio], [type=checkbox]");
  const held = (input) => ticks(input) ? (input.checked ? input.value : null) : input.value;
  const first = (input) => {
    if (ticks(input)) return input.defaultChecked ? input.value : null;
    if (input.options) return ([...input.options].find((option) => option.defaultSelected) ?? input.options[0]).value;
    return input.defaultValue;
  };
  const content = (field, of = held) => JSON.stringify(inputs(field).map((input) => [input.name, of(input)]).filter(([, value]) => value !== null));
  const disputed = (field) => Boolean(find(".desaccord", field.box));
  const tooLong = (field) => inputs(field).some((input) => !ticks(input) && input.value.length > TOO_LONG);

  for (const field of fields.values()) {
    field.saved = content(field, first);
    if (field.box.dataset.repris === "") field.saved = null;
    else if (disputed(field) || find("[aria-invalid=true], .champ-erreur:not([hidden])", field.box)) {
      [field.saved, field.refused] = [null, content(field)];
    }
  }

  // What the page proposes is written with the first thing that the person writes, never by looking at the page.
  const proposed = [...fields.values()].filter((field) => field.box.dataset.repris === "propose");
  const adopt = () => { for (const field of proposed.splice(0)) field.saved = null; };

  // Some of the four adverbs of an AGGIR line: the others will say it whole.
  const half = (field) => field.box.dataset.sorte === "abc"
    && [1, 2, 3].includes(inputs(field).filter((input) => input.name !== field.id && input.checked && input.value).length);

  const unsaved = () => [...fields.values()].filter((field) => content(field) !== field.saved);
  const toSend = (insist) => unsaved().filter((field) => !disputed(field) && !tooLong(field)
    && (insist || (!half(field) && (field.ready || LIVE.includes(field.box.dataset.sorte)) && content(field) !== field.refused)));

  // --- words
  const announce = (text) => {
    find("#annonce").textContent = "";
    setTimeout(() => { find("#annonce").textContent = text; }, 100);
  };

  function state(text) {
    find("[data-etat]", bar()).textContent = text;
  }

  function trouble(text) {
    const place = find("#suivi-panne");
    if (place.textContent === text) return;
    place.replaceChildren(...(text ? [element("p", "alerte alerte-attention", text)] : []));
    if (text) announce(text);
  }

  // --- sending: one saving at a time, with its key; what is typed meanwhile goes with the next
  let pending = null;
  let stopped = false;
  let leaving = false;
  let timer = 0;
  let wake = null;

  function body(sent, key) {
    const data = new URLSearchParams({
      _csrf: form.elements._csrf.value, version: form.elements.version.value, cle: key,
      base: JSON.stringify(Object.fromEntries(sent.map((field) => [field.id, base[field.id]]))),
    });
    for (const field of sent) {
      for (const [name, value] of JSON.parse(content(field))) data.append(name, value);
      if (field.confirmed) data.append("confirmer", field.id);
    }
    return data;
  }

  const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const ask = (data) => fetch(form.getAttribute("action"), {
    method: "POST", body: data, headers: { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#suivi" },
    signal: AbortSignal.timeout(PATIENCE), keepalive: data.toString().length < 60_000,
  });

  const sleep = (time) => new Promise((done) => {
    wake = done;
    setTimeout(done, time);
  });

  // Saves what changed; resolves once nothing more can be sent now.
  async function save({ insist = false } = {}) {
    clearTimeout(timer);
    if (stopped && !insist) return;
    stopped = false;
    if (pending) {
      wake?.();
      await pending.done;
      // What was typed meanwhile was not in it.
      return insist ? save({ insist }) : undefined;
    }
    const sent = toSend(insist);
    if (!sent.length) return;
    const key = newKey();
    pending = { sent, contents: new Map(sent.map((field) => [field, content(field)])), data: body(sent, key) };
    pending.done = deliver(pending);
    await pending.done;
    if (!stopped && toSend(false).length) await save();
  }

  async function deliver(saving) {
    const slow = setTimeout(() => state("Enregistrement…"), SLOW);
    for (let tries = 0; pending === saving; tries += 1) {
      const [answer, text, why] = await attempt(saving.data);
      clearTimeout(slow);
      if (why) {
        trouble(why);
        state("Pas encore enregistré");
        await sleep(WAITS[Math.min(tries, WAITS.length - 1)]);
        continue;
      }
      pending = null;
      await understand(answer, text, saving);
    }
  }

  // The answer, or why there is none: then the same saving is sent again, under the same key.
  async function attempt(data) {
    try {
      const answer = await ask(data);
      const text = await answer.text();
      const later = answer.status >= 500 || answer.status === 429;
      return [answer, text, later && `${words(text) || "Le portail ne répond pas."} Vos saisies restent sur cette page, et il recommencera de lui-même.`];
    } catch {
      return [null, "", "Connexion perdue\u00a0: vos saisies restent sur cette page et seront enregistrées dès son retour."];
    }
  }

  // The words of an error page, if the answer is one.
  function words(text) {
    if (!/<html[\s>]/i.test(text)) return "";
    const page = new DOMParser().parseFromString(text, "text/html");
    return all("[data-erreur] [data-dire]", page).map((part) => part.textContent.trim()).join(" ");
  }

  async function understand(answer, text, saving) {
    const elsewhere = answer.headers.get("hx-redirect");
    if (elsewhere) return leave(elsewhere, saving);
    const end = answer.headers.get("x-session-fin");
    if (end) document.dispatchEvent(new CustomEvent("session:fin", { detail: Number(end) }));
    const next = new DOMParser().parseFromString(text, "text/html").getElementById("suivi");
    if (next && !/<html[\s>]/i.test(text)) return apply(next, saving);
    if (answer.status === 403 && await newToken()) return;
    halt(words(text) || "Le portail n’a pas pu enregistrer.");
  }

  // The session has expired: the server keeps what it is sent for the next login, so it gets all that is unsaved.
  // Any other door would lose it: the page stays.
  async function leave(address, saving) {
    const rest = unsaved();
    const kept = (answer) => /^\/connexion\?.*\bexpiree=1/.test(answer?.headers.get("hx-redirect") ?? "");
    const more = rest.some((field) => !saving.sent.includes(field) || content(field) !== saving.contents.get(field));
    const last = more ? await ask(body(rest, newKey())).catch(() => null) : { headers: new Headers({ "hx-redirect": address }) };
    if (kept(last)) {
      leaving = true;
      return location.assign(address);
    }
    halt("Votre session est terminée, ou vous n’agissez plus au nom de la même personne. Reconnectez-vous dans un autre onglet.");
  }

  function halt(text) {
    stopped = true;
    state("Pas encore enregistré");
    trouble(`${text} Vos saisies restent sur cette page\u202f; «\u00a0Enregistrer\u00a0» essaie de nouveau.`);
  }

  // Logged in again in another tab: the same person's new token lets this page go on.
  async function newToken() {
    const answer = await fetch(location.href).catch(() => null);
    const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
    const other = page?.getElementById("volet");
    const token = other?.elements._csrf.value;
    if (!token || other.dataset.auteur !== form.dataset.auteur || token === form.elements._csrf.value) return false;
    for (const input of all("input[name=_csrf]")) input.value = token;
    return true;
  }

  // --- the answer: the bar changes, the fields that were saved are, no input is touched
  function apply(next, saving) {
    const written = JSON.parse(next.dataset.base);
    for (const field of saving.sent) {
      if (!(field.id in written)) field.refused = saving.contents.get(field);
      else settle(field, saving.contents.get(field), written[field.id]);
    }
    for (const note of all("template[data-refuse]", next)) refuse(fields.get(note.dataset.refuse), note.content.textContent.trim());
    for (const note of all("template[data-desaccord]", next)) dispute(fields.get(note.dataset.desaccord), note);
    form.elements.version.value = next.dataset.version;
    const found = all("template[data-refuse], template[data-desaccord]", next).length;
    if (find("#suivi-panne").textContent) announce("Connexion rétablie, tout est enregistré.");
    trouble("");
    if ("ferme" in next.dataset) {
      stopped = true;
      announce(find("[data-dire]", next).textContent);
    } else if (found) announce(`${found} ${found > 1 ? "champs" : "champ"} à régler.`);
    else if (!form.dataset.dit) announce("Enregistré. La suite s’enregistre pendant que vous écrivez.");
    form.dataset.dit = "1";
    replaceBar(next);
    sections();
  }

  function settle(field, sent, digest) {
    [field.saved, field.refused, field.confirmed, base[field.id]] = [sent, null, false, digest];
    const values = JSON.parse(sent);
    const had = (input) => values.some(([name, value]) => name === input.name && (!ticks(input) || value === input.value));
    for (const input of inputs(field)) {
      // What the page was loaded with, as app.js compares: setting it changes no input that was touched.
      if (ticks(input)) input.defaultChecked = had(input);
      else if (input.options) for (const option of input.options) option.defaultSelected = values.some(([, value]) => value === option.value);
      else if (input.value === values[0][1]) input.defaultValue = input.value;
    }
    refuse(field, "");
    for (const note of all("[data-note]", field.box)) note.remove();
    form.elements.base.value = JSON.stringify(base);
  }

  function refuse(field, message) {
    let place = document.getElementById(`${field.id}-erreur`);
    if (!place) {
      place = Object.assign(element("p", "champ-erreur"), { id: `${field.id}-erreur` });
      find("label, legend", field.box).after(place);
    }
    place.hidden = !message;
    place.replaceChildren(...(message ? [element("span", "hors-ecran", "Erreur\u00a0: "), message] : []));
    field.box.classList.toggle("champ-en-erreur", Boolean(message));
    for (const input of inputs(field)) {
      if (message) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }

  function dispute(field, note) {
    refuse(field, "");
    find(".desaccord", field.box)?.remove();
    field.box.append(note.content.cloneNode(true));
    open(field.box);
  }

  function replaceBar(next) {
    const old = bar();
    const inside = old.contains(document.activeElement) ? document.activeElement : null;
    for (const part of all("details[id]", next)) part.open = find(`#${CSS.escape(part.id)}`, old)?.open ?? part.open;
    old.replaceWith(document.adoptNode(next));
    if (!inside) return;
    const again = inside.dataset.vers ? `[data-vers="${CSS.escape(inside.dataset.vers)}"]` : "summary";
    (find(again, next) ?? find("[data-enregistrer]")).focus();
  }

  // --- two versions: choosing one is a saving like another, on the version that was shown
  function choose(button) {
    const box = button.closest(".desaccord");
    const field = fields.get(button.closest("[data-champ]").dataset.champ);
    const other = JSON.parse(box.dataset.autre);
    const choice = button.dataset.garder;
    base[field.id] = box.dataset.digest;
    for (const input of choice === "mienne" ? [] : inputs(field)) {
      if (choice === "deux") input.value = `${other[input.name]}\n\n${input.value}`;
      else if (ticks(input)) input.checked = other[input.name] === input.value;
      else input.value = other[input.name] ?? "";
    }
    box.remove();
    field.refused = null;
    if (choice === "autre") settle(field, content(field), box.dataset.digest);
    inputs(field)[0].focus();
    refresh();
    announce("Votre choix est pris en compte.");
    save();
  }

  // A copied answer was read and is right: it is sent as it stands, and says so.
  function confirm(field) {
    inputs(field)[0].focus();
    [field.saved, field.confirmed] = [null, true];
    save();
  }

  // --- questions that appear with an answer
  const codes = (field) => JSON.parse(content(field)).map(([name, value]) => name === field.id ? value : name.slice(field.id.length + 1));
  const holds = (conditions) => JSON.parse(conditions).every(([id, wanted]) => asked(fields.get(id)) && codes(fields.get(id)).some((code) => wanted.includes(code)));
  const asked = (field) => !field.box.dataset.si || holds(field.box.dataset.si);

  function refresh() {
    for (const field of fields.values()) {
      const { si, requisSi } = field.box.dataset;
      if (si) field.box.classList.toggle("non-demande", !asked(field));
      if (!requisSi) continue;
      const needed = holds(requisSi) && asked(field);
      for (const star of all("[data-etoile]", field.box)) star.hidden = !needed;
      for (const input of inputs(field)) if (input.type !== "checkbox") input.required = needed;
    }
  }

  function count(field) {
    const place = find("[data-limite]", field.box);
    if (!place) return;
    const [typed, limit] = [inputs(field)[0].value.length, Number(place.dataset.limite)];
    const shown = (number) => number.toLocaleString("fr-FR");
    (find("[data-n]", place) ?? place).textContent = `${shown(typed)} / ${shown(limit)}`;
    place.classList.toggle("trop", typed > limit);
    if (typed > limit) place.classList.remove("hors-ecran");
    if (tooLong(field)) refuse(field, `Ce texte est trop long pour être enregistré\u00a0: ${shown(limit)} caractères au plus.`);
  }

  // --- sections
  function sections() {
    for (const part of all("[data-rubrique]", form)) {
      const missing = all(`#manques [data-section="${CSS.escape(part.dataset.rubrique)}"] li`).length;
      const shown = find("[data-manque]", part);
      shown.hidden = !missing;
      shown.textContent = `${missing} à remplir`;
    }
  }

  function open(target) {
    const part = target.closest("details.rubrique");
    if (part) part.open = true;
  }

  function goTo(id) {
    const { box } = fields.get(id);
    open(box);
    const goal = find(".desaccord button", box) ?? inputs(fields.get(id))[0];
    goal.focus();
    box.scrollIntoView({ block: "nearest" });
  }

  function step(way) {
    const parts = all("details.rubrique", form);
    const here = parts.findIndex((part) => part.contains(document.activeElement));
    const next = parts[here < 0 ? 0 : Math.min(Math.max(here + way, 0), parts.length - 1)];
    next.open = true;
    find("summary", next).focus();
  }

  // --- listeners
  const fieldOf = (event) => fields.get(event.target.closest?.("[data-champ]")?.dataset.champ);

  form.addEventListener("input", (event) => {
    const field = fieldOf(event);
    if (!field) return;
    adopt();
    field.ready = ticks(event.target);
    if (find(".champ-erreur:not([hidden])", field.box) && content(field) === field.saved) refuse(field, "");
    count(field);
    refresh();
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });

  form.addEventListener("change", (event) => {
    const field = fieldOf(event);
    if (!field) return;
    field.ready = true;
    refresh();
    save();
  });

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-garder], [data-effacer], [data-confirmer]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.garder) return choose(button);
    const field = fieldOf(event);
    if ("confirmer" in button.dataset) return confirm(field);
    for (const input of inputs(field)) input.checked = false;
    inputs(field)[0].focus();
    refresh();
    save();
  });

  // « Enregistrer » stays on the page; a button that leads on first waits for the last words to be saved.
  form.addEventListener("submit", async (event) => {
    if (leaving) return;
    event.preventDefault();
    const [button, began] = [event.submitter, Date.now()];
    adopt();
    do await save({ insist: true }); while (pending);
    const left = unsaved();
    if (left.length) {
      if (!stopped) goTo(left[0].id);
      return;
    }
    // After a long wait for the line, validating is asked again: the person may have changed his mind.
    if (!button?.matches("[data-page]") || Date.now() - began > PATIENCE) return announce("Tout est enregistré.");
    // While this event is still being told around, a form ignores a new submission: with nothing to save, we are.
    await new Promise((done) => setTimeout(done));
    leaving = true;
    form.elements.base.value = JSON.stringify(base);
    form.requestSubmit(button);
  });

  document.addEventListener("click", (event) => {
    const part = event.target.closest(".suivi-rubriques a");
    if (part) find(part.hash).open = true; // the browser goes there
    const link = event.target.closest("[data-vers]") ?? event.target.closest(".resume-erreurs a[href^='#']");
    const id = link?.dataset.vers ?? link?.hash.slice(1);
    if (!id || !fields.has(id)) return;
    event.preventDefault();
    goTo(id);
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      form.requestSubmit(find("[data-enregistrer]"));
    } else if (event.altKey && (event.key === "PageDown" || event.key === "PageUp")) {
      event.preventDefault();
      step(event.key === "PageDown" ? 1 : -1);
    }
  });

  window.addEventListener("online", () => wake?.());
  window.addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
  window.addEventListener("beforeunload", (event) => { if (!leaving && unsaved().length) event.preventDefault(); });

  refresh();
  for (const field of fields.values()) count(field);
  if (toSend(false).length) save();
});

// Card login: opens the agent's window, hands it the portal's challenge, posts its answer as a form.
"use strict";

(() => {
  const PRESENT_WITHIN = 4000;
  const WATCH_EVERY = 500;
  const WINDOW = "popup,width=520,height=680";

  const section = document.getElementById("connexion-cps");
  const login = document.getElementById("carte-cps");
  const dialogue = document.getElementById("dialogue-agent");
  const diagnosis = document.getElementById("diagnostic");
  const status = document.getElementById("etat-carte");
  const agent = section.dataset.agent;
  let current = null; // the window in use: {popup, present, timers, retry}

  function say(state) {
    const words = state && section.querySelector(`template[data-etat="${state}"]`);
    status.replaceChildren(...(words ? [words.content.cloneNode(true)] : []));
    const again = status.querySelector("[data-action=reessayer]");
    if (again) again.addEventListener("click", current.retry);
  }

  function stop(state) {
    if (!current) return;
    current.timers.forEach(clearInterval);
    if (state && !current.popup.closed) current.popup.close();
    say(state);
    current = null;
  }

  // Must be called from the click itself, or the browser blocks the window.
  function open(name, retry) {
    if (current) {
      current.timers.forEach(clearInterval);
      if (current.name !== name) current.popup.close();
    }
    const popup = window.open("", name, WINDOW);
    current = { name, popup, present: false, timers: [], retry };
    if (!popup) {
      say("bloque");
      current = null;
      return null;
    }
    return current;
  }

  // A refused connection shows no event here: silence is the only sign that the agent is not running.
  function watch(task) {
    let closed = 0;
    task.timers.push(setTimeout(() => { if (!task.present) stop("absent"); }, PRESENT_WITHIN));
    task.timers.push(setInterval(() => {
      closed = task.popup.closed ? closed + 1 : 0;
      if (closed > 1 && current === task) stop(task.closing);
    }, WATCH_EVERY));
  }

  // The portal's own error page says how long to wait.
  class TooMany extends Error {}

  async function advice(answer) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const said = page.querySelectorAll("[data-dire]");
    return said.length ? said[said.length - 1].textContent : "";
  }

  async function challenge() {
    const body = new URLSearchParams({ _csrf: login.elements._csrf.value });
    const answer = await fetch(login.dataset.defi, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.status === 429) throw new TooMany(await advice(answer));
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).nonce;
  }

  async function logIn(event) {
    event.preventDefault();
    login.elements.jeton.value = "";
    const task = open("agentcps", () => login.requestSubmit());
    if (!task) return;
    task.closing = "annule";
    say("attente");
    try {
      login.elements.defi.value = dialogue.elements.nonce.value = await challenge();
    } catch (error) {
      if (current === task) stop(error instanceof TooMany ? "trop" : "panne");
      const wait = status.querySelector("[data-duree]");
      if (wait && error.message) wait.textContent = error.message;
      return;
    }
    if (current !== task) return;
    if (task.popup.closed) {
      stop("annule");
      return;
    }
    dialogue.submit();
    watch(task);
  }

  // The form's own submission goes on, into the window that is opened here.
  function diagnose(event) {
    const task = open("diagnosticcps", () => diagnosis.requestSubmit());
    if (!task) {
      event.preventDefault();
      return;
    }
    say(null);
    watch(task);
  }

  function listen(event) {
    if (!current || event.origin !== agent || event.source !== current.popup || !event.data) return;
    const { type, token } = event.data;
    if (type === "portail-cps-present") current.present = true;
    if (type === "portail-cps-annule") stop("annule");
    if (type === "portail-cps" && token) {
      login.elements.jeton.value = JSON.stringify(token);
      stop("verification");
      login.submit(); // an ordinary navigation: the portal's answer decides where it leads
    }
  }

  login.addEventListener("submit", logIn);
  diagnosis.addEventListener("submit", diagnose);
  window.addEventListener("message", listen);
})();

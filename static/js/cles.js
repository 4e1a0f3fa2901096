// Passkeys: asks the portal for a challenge, the browser for its answer, and posts it as an ordinary form.
"use strict";

(() => {
  const STATES = { 403: "perime", 409: "perime", 410: "perime", 429: "trop" };
  const ERRORS = { NotAllowedError: "annule", AbortError: "annule", InvalidStateError: "deja", SecurityError: "adresse" };

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const described = (keys = []) => keys.map((key) => ({ ...key, id: bytes(key.id) }));

  const asked = (options) => ({
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: described(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: described(options.allowCredentials) }),
  });

  function sent({ id, rawId, type, response }) {
    const told = { clientDataJSON: text(response.clientDataJSON) };
    if (response.attestationObject) {
      told.attestationObject = text(response.attestationObject);
      told.transports = response.getTransports?.() ?? [];
    } else {
      told.authenticatorData = text(response.authenticatorData);
      told.signature = text(response.signature);
    }
    return JSON.stringify({ id, rawId: text(rawId), type, response: told });
  }

  function say(form, state) {
    const words = form.querySelector(`template[data-etat="${state}"]`);
    form.querySelector("[data-etat-cle]").replaceChildren(words.content.cloneNode(true));
  }

  async function challenge(form) {
    const body = new URLSearchParams({ _csrf: form.elements._csrf.value });
    const answer = await fetch(form.dataset.defi, { method: "POST", body, headers: { Accept: "application/json" } });
    // A redirect leads to a page: the session has ended, or its means of login is too weak.
    if (!answer.ok || answer.redirected) throw Object.assign(new Error(), { state: STATES[answer.status] ?? "perime" });
    return asked(await answer.json());
  }

  async function submitted(event) {
    const form = event.target;
    event.preventDefault();
    if (form.dataset.attend) return;
    if (!window.PublicKeyCredential) {
      say(form, "absent");
      return;
    }
    form.dataset.attend = "1";
    say(form, "attente");
    try {
      const publicKey = await challenge(form);
      const credential = form.dataset.cle === "creer"
        ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
      form.elements.reponse.value = sent(credential);
      form.submit(); // an ordinary navigation: the portal's answer decides where it leads
    } catch (error) {
      say(form, error.state ?? ERRORS[error.name] ?? "panne");
    } finally {
      delete form.dataset.attend;
    }
  }

  for (const form of document.querySelectorAll("form[data-cle]")) form.addEventListener("submit", submitted);
})();

// Search in the help without a server: the same rules as portal/aide/rules.py over the index made at build time.
"use strict";

(() => {
  const MOST = 12, LONGEST = 120, WORDS = 8, LIKENESS = 0.8;
  const empty = new Set(AIDE.vides);

  const fold = (text) => text.toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae").normalize("NFD")
    .replace(/\p{M}/gu, "");
  const words = (text) => (text.match(/[\p{L}\p{N}]+/gu) || []).map(fold);

  function stem(word) {
    if (word.length <= 3 || /^\d+$/.test(word)) return word;
    const plural = [["eaux", "eau"], ["aux", "al"], ["s", ""], ["x", ""]].find(([end]) => word.endsWith(end));
    if (plural) word = word.slice(0, -plural[0].length) + plural[1];
    const end = ["ee", "er", "e"].find((one) => word.endsWith(one) && word.length - one.length >= 3);
    return end ? word.slice(0, -end.length) : word;
  }

  function terms(query) {
    const all = words(query.slice(0, LONGEST));
    const kept = all.filter((word) => !empty.has(word));
    return [...new Set(kept.length ? kept : all)].slice(0, WORDS);
  }

  function match(key, term) {
    if (key === stem(term)) return 1;
    const synonym = Object.hasOwn(AIDE.synonymes, term) && AIDE.synonymes[term];
    if (synonym) return key === stem(synonym) ? AIDE.parts.synonyme : 0;
    return key.startsWith(term) ? AIDE.parts.debut : 0;
  }

  // One less the share of letters to change: near to what the server's measure says of short words.
  function likeness(one, other) {
    let row = [...Array(other.length + 1).keys()];
    for (let i = 1; i <= one.length; i++) {
      const next = [i];
      for (let j = 1; j <= other.length; j++)
        next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1));
      row = next;
    }
    return 1 - row[other.length] / Math.max(one.length, other.length);
  }

  function misspelt(term) {
    if (term.length <= 3) return new Map();
    let best = LIKENESS, nearest = null;
    for (const word of Object.keys(AIDE.mots)) {
      if (Math.abs(word.length - term.length) > 3) continue;
      const share = likeness(word, term);
      if (share >= best) [best, nearest] = [share, word];
    }
    const found = nearest ? AIDE.poids[stem(nearest)] || [] : [];
    return new Map(found.map(([number, weight]) => [number, weight * AIDE.parts.faute]));
  }

  function scores(term) {
    const earned = new Map();
    for (const [key, numbers] of Object.entries(AIDE.poids)) {
      const share = match(key, term);
      if (share) for (const [number, weight] of numbers)
        earned.set(number, Math.max(earned.get(number) || 0, weight * share));
    }
    return earned.size ? earned : misspelt(term);
  }

  function search(query) {
    const found = terms(query).map(scores), hits = new Map();
    for (const earned of found) for (const number of earned.keys()) hits.set(number, (hits.get(number) || 0) + 1);
    if (!hits.size) return [];
    const best = Math.max(...hits.values()), phrase = words(query).join(" ");
    const rank = (number) => {
      const [title, text] = AIDE.plat[number];
      const bonus = title.includes(phrase) ? AIDE.parts.titre : text.includes(phrase) ? AIDE.parts.texte : 0;
      return bonus + found.reduce((sum, earned) => sum + (earned.get(number) || 0), 0);
    };
    return [...hits].filter(([, count]) => count === best).map(([number]) => [rank(number), number])
      .sort(([a, one], [b, other]) => b - a || one - other).slice(0, MOST).map(([, number]) => AIDE.entrees[number]);
  }

  const form = document.getElementById("recherche-locale"), field = form.elements.q;
  function show() {
    const query = field.value.trim(), found = query ? search(query) : [];
    document.getElementById("compte-local").textContent = !query ? ""
      : found.length ? `${found.length} réponse${found.length > 1 ? "s" : ""}.`
        : "Aucune réponse. Essayez avec moins de mots.";
    document.getElementById("reponses-locales").replaceChildren(...found.map((entry) => {
      const item = document.createElement("li"), link = document.createElement("a"), text = document.createElement("p");
      link.href = entry.lien;
      link.textContent = entry.titre === entry.page ? entry.titre : `${entry.titre} (${entry.page})`;
      text.textContent = entry.texte;
      item.append(link, text);
      return item;
    }));
  }
  form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  field.addEventListener("input", show);
  field.value = new URLSearchParams(location.search).get("q") || "";
  show();
})();

// The guide's font on every page from its first paint: lines break, and pages scroll, alike on every machine.
(fonts) => {
  const bytes = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  for (const { family, data, ...face } of fonts) {
    const made = new FontFace(family, bytes(data), face);
    document.fonts.add(made);
    made.load();
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`:root { --police: Guide !important; --chasse-fixe: "Guide fixe" !important; }
    body, ::file-selector-button { font-family: Guide !important; }`);
  document.adoptedStyleSheets.push(sheet);
}

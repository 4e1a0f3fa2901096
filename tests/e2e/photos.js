// What a picture of the guide needs from the page, for as long as it is taken: what sticks to the window in its own
// place, fixed words where the run has its own (ports, secrets), and numbered callouts around what the step talks about.
async ({ callouts, fixed }) => {
  const undo = [];
  const style = (element, name, value) => {
    const before = element.style.getPropertyValue(name);
    element.style.setProperty(name, value);
    undo.push(() => element.style.setProperty(name, before));
  };

  for (const element of document.querySelectorAll("main *"))
    if (getComputedStyle(element).position === "sticky") style(element, "position", "static");

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, before = node.data;
    const after = before.replace(/http:\/\/(localhost|127\.0\.0\.1):\d+/g, "https://portail.exemple.fr");
    if (after === before) continue;
    node.data = after;
    undo.push(() => { node.data = before; });
  }
  for (const [element, words] of fixed) {
    const name = "value" in element ? "value" : "textContent";
    const before = [...element.childNodes], value = element[name];
    element[name] = words;
    undo.push(() => (name === "value" ? (element.value = value) : element.replaceChildren(...before)));
  }

  await document.fonts.ready;
  if (callouts.length) {
    // On the top layer: a dialog's content takes callouts too.
    const layer = document.body.appendChild(document.createElement("div"));
    layer.popover = "manual";
    Object.assign(layer.style, { position: "absolute", inset: "0 auto auto 0", width: "0", height: "0", margin: "0",
      padding: "0", border: "0", overflow: "visible", background: "none" });
    layer.showPopover();
    callouts.forEach((element, index) => {
      const box = element.getBoundingClientRect();
      const left = box.left + scrollX - 4, top = box.top + scrollY - 4;
      const ring = layer.appendChild(document.createElement("div"));
      Object.assign(ring.style, { position: "absolute", boxSizing: "border-box", left: `${left}px`, top: `${top}px`,
        width: `${box.width + 8}px`, height: `${box.height + 8}px`, border: "3px solid #d1480f", borderRadius: "8px" });
      const badge = layer.appendChild(document.createElement("div"));
      badge.textContent = index + 1;
      Object.assign(badge.style, { position: "absolute", left: `${Math.max(2, left - 13)}px`,
        top: `${Math.max(2, top - 13)}px`, width: "26px", height: "26px", borderRadius: "50%", background: "#d1480f",
        color: "#fff", font: "700 15px/26px Guide", textAlign: "center" });
    });
    undo.push(() => layer.remove());
  }
  window.photoTaken = () => { undo.reverse().forEach((act) => act()); delete window.photoTaken; };
}

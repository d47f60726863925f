// What pages do beyond HTML. Everything can be read and done without it, save security keys.
"use strict";

// Quick exit: the session is ended and this entry of the history replaced by a page that says nothing.
const exit = document.querySelector("form[data-leave]");
function leave() {
  navigator.sendBeacon(exit.action, new FormData(exit));
  document.documentElement.hidden = true;
  location.replace(exit.dataset.leave);
}
if (exit) {
  exit.addEventListener("submit", (event) => { event.preventDefault(); leave(); });
  let pressed = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") { pressed = []; return; }
    pressed = [...pressed.filter((at) => event.timeStamp - at < 1500), event.timeStamp];
    if (pressed.length >= 3) leave();
  }, true);
}

// A form that is sent when its choice changes.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// A table that is wider than its place scrolls by itself, and can be reached by the keyboard.
const wide = new ResizeObserver((entries) => entries.forEach(({ target }) => {
  const scrolls = target.scrollWidth > target.clientWidth + 1;
  if (scrolls) { target.tabIndex = 0; target.setAttribute("role", "region"); }
  else { target.removeAttribute("tabindex"); target.removeAttribute("role"); }
}));
function frame(root) {
  root.querySelectorAll("main table").forEach((table, number) => {
    let box = table.closest(".scroll");
    if (!box) {
      box = document.createElement("div");
      box.className = "scroll";
      table.before(box);
      box.append(table);
    }
    if (!box.hasAttribute("aria-label") && !box.hasAttribute("aria-labelledby")) {
      const name = table.caption || nearest(table);
      if (name) { name.id ||= `table-${number}`; box.setAttribute("aria-labelledby", name.id); }
      else box.setAttribute("aria-label", document.title);
    }
    wide.observe(box);
  });
}
function nearest(table) {
  const before = [...document.querySelectorAll("main h1, main h2, main h3")]
    .filter((one) => one.compareDocumentPosition(table) & Node.DOCUMENT_POSITION_FOLLOWING);
  return before.at(-1);
}
frame(document);
document.addEventListener("htmx:afterSwap", () => frame(document));

// A security key that did not answer: allauth reports it here, and people read it in the page.
document.addEventListener("allauth.error", (event) => {
  const trouble = document.getElementById("key-trouble");
  if (trouble) { event.preventDefault(); trouble.hidden = false; trouble.focus(); }
});

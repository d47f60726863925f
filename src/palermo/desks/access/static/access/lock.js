// A page that was left open covers itself when the session locks. Nothing on it is lost: unlocking
// happens in another tab, and this page asks whether it may show itself again when it is looked at.
"use strict";
(() => {
  const cover = document.getElementById("locked");
  if (!cover) return;
  const after = Number(cover.dataset.after) * 1000;
  const parts = [...document.body.children].filter((one) => one !== cover);
  let timer;
  function show(open) {
    cover.hidden = open;
    parts.forEach((one) => { one.inert = !open; one.classList.toggle("covered", !open); });
    if (!open) cover.querySelector("a").focus();
  }
  function ask() {
    fetch(cover.dataset.state, { credentials: "same-origin", cache: "no-store" })
      .then((answer) => answer.json())
      .then(({ session }) => {
        if (session === "over") { location.reload(); return; }
        show(session === "open");
        if (session === "open") wait();
      })
      .catch(() => {});
  }
  function wait() {
    clearTimeout(timer);
    timer = setTimeout(() => show(false), after);
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !cover.hidden) ask(); });
  window.addEventListener("focus", () => { if (!cover.hidden) ask(); });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.pathInfo.requestPath.endsWith("/progress/")) wait();
  });
  wait();
})();

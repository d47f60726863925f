// What pages do beyond HTML: send a form when its choice changes. Everything works without it.
"use strict";
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// What the desk does in a browser beyond links and forms. Everything here is also there without it.
"use strict";

document.addEventListener("keydown", (event) => {
  const typing = /^(input|textarea|select)$/i.test(event.target.tagName);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const search = document.getElementById("q");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  }
  if (event.key === "Escape") {
    const found = document.getElementById("found");
    if (found && found.firstChild) found.replaceChildren();
    document.querySelectorAll("details.me[open]").forEach((one) => one.removeAttribute("open"));
  }
});

document.addEventListener("click", (event) => {
  document.querySelectorAll("details.me[open]").forEach((one) => {
    if (!one.contains(event.target)) one.removeAttribute("open");
  });
});

document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-send] select, form[data-send] input")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

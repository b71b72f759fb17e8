"use strict";
// Light up the other side of what the pointer or the keyboard is on. Everything works as plain links without this.
(() => {
  const lit = (on) => (event) => {
    const from = event.target.closest("[data-p], [data-s]");
    if (!from) return;
    const selector = from.dataset.p ? `[data-p="${from.dataset.p}"]` : `mark[data-s="${from.dataset.s}"]`;
    for (const other of document.querySelectorAll(selector)) other.classList.toggle("lit", on);
  };
  for (const name of ["mouseover", "focusin"]) document.addEventListener(name, lit(true));
  for (const name of ["mouseout", "focusout"]) document.addEventListener(name, lit(false));
})();

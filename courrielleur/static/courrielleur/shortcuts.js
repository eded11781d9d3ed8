// Single keys for people who switched them on: J and K walk the rows, Enter opens, / searches, ? explains.
const rows = [...document.querySelectorAll("[data-rows] tbody tr")];
const help = document.querySelector("dialog[data-shortcuts]");
let here = -1;

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

function walk(step) {
  if (!rows.length) return;
  rows[here]?.classList.remove("is-here");
  here = Math.min(Math.max(here + step, 0), rows.length - 1);
  rows[here].classList.add("is-here");
  const link = rows[here].querySelector("a");
  link?.focus({ preventScroll: true });
  rows[here].scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => walk(1),
  k: () => walk(-1),
  "/": () => document.querySelector("input[type=search]")?.focus(),
  "?": () => help?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

document.querySelectorAll("[data-open-shortcuts]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => help?.showModal());
});

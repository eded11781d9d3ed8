// Swagger UI leaves its heading outside of every landmark and some of its menus without a name.
// A screen reader needs both (WCAG 2.2, 1.3.1 and 4.1.2), so they are added as the page draws itself.

const page = document.getElementById("swagger-ui");

function nameOf(select) {
  const parameter = select.closest("tr")?.querySelector(".parameter__name");
  return parameter?.firstChild?.textContent.trim() || page.dataset.choice;
}

function mend() {
  page.querySelector(".information-container")?.setAttribute("role", "banner");
  for (const select of page.querySelectorAll("select:not([aria-label])")) {
    select.setAttribute("aria-label", nameOf(select));
  }
}

new MutationObserver(mend).observe(page, { childList: true, subtree: true });

// Shows a part of a question only once a choice asks for it. Without this script all parts are shown.
for (const part of document.querySelectorAll("[data-shown-when]")) {
  const wanted = part.dataset.shownWhen.split(" ");
  const choices = [...part.form.querySelectorAll(`[name="${part.dataset.shownFor}"]`)];
  const show = () => {
    const isAsked = choices.some((choice) => choice.checked && wanted.includes(choice.value));
    part.closest(".field").hidden = !isAsked && !part.value;  // what was typed is never out of sight
  };
  choices.forEach((choice) => choice.addEventListener("change", show));
  show();
}

// Words typed into a form outlive a lost session: they are kept in this tab (sessionStorage), for this person, and put
// back after the login. They never leave the browser, and are forgotten once they were sent.
const person = document.body.dataset.person;
const PREFIX = "words:";
const BOUNCED = "words-bounced";

const forms = [...document.querySelectorAll("main form")].filter((form) => form.querySelector("textarea"));
const nameOf = (form) => {
  const verb = form.querySelector("input[type=hidden][name=verb]")?.value ?? "";
  return `${PREFIX}${person}:${new URL(form.action, location.href).pathname}:${verb}`;
};
const fieldsOf = (form) => [...form.elements].filter(
  (field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type));

function keep(form) {
  const fields = fieldsOf(form).map((field) => [field.name, field.value, field.checked ?? null]);
  sessionStorage.setItem(nameOf(form), JSON.stringify(fields));
}

function putBack(form, kept) {
  const fields = fieldsOf(form);
  JSON.parse(kept).forEach(([name, value, checked], place) => {
    const field = fields[place];
    if (!field || field.name !== name) return;
    if (checked === null || field.type === "textarea") field.value = value;
    else if (["checkbox", "radio"].includes(field.type)) field.checked = checked;
    else field.value = value;
  });
  for (let box = form.closest("details"); box; box = box.parentElement?.closest("details")) box.open = true;
}

try {
  if (!person) {
    // A page of somebody who isn't logged in: the login itself, when words are waiting.
    if (Object.keys(sessionStorage).some((key) => key.startsWith(PREFIX))) sessionStorage.setItem(BOUNCED, "1");
  } else {
    const isBack = sessionStorage.getItem(BOUNCED) === "1";
    let restored = 0;
    for (const form of forms) {
      const kept = sessionStorage.getItem(nameOf(form));
      if (kept && isBack) {
        putBack(form, kept);
        restored += 1;
      }
      form.addEventListener("input", () => keep(form));
      form.addEventListener("submit", () => keep(form));
    }
    if (restored) {
      const told = document.createElement("p");
      told.className = "message tone-good";
      told.textContent = document.body.dataset.kept;
      document.querySelector("main [role=status]")?.append(told);
    }
    // Sent and answered, or put back: nothing is kept longer than it is needed. Others' words go too.
    if (!isBack || restored) {
      Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX)).forEach((key) => sessionStorage.removeItem(key));
      sessionStorage.removeItem(BOUNCED);
    }
    if (restored) forms.forEach((form) => { if (fieldsOf(form).some((field) => field.value !== field.defaultValue)) keep(form); });
  }
} catch {
  // Storage may be switched off; then the browser's own way back is what remains.
}

// Saves an answer a second after the last key and says when. Without this script the Save button does it.
const form = document.querySelector("[data-autosave]");
const status = form?.querySelector("[data-saved]");
let timer;
let running = null;

async function save() {
  if (running) await running;
  const body = new FormData(form);
  body.set("autosave", "1");
  running = fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body })
    .then(async (reply) => {
      if (reply.redirected) {  // to the login page: the session has ended
        status.textContent = form.dataset.loggedOut;
        return;
      }
      if (!reply.ok && reply.status !== 409) throw new Error(String(reply.status));
      const told = await reply.json();
      status.textContent = told.saved;
      if (told.version) form.elements.version.value = told.version;
    })
    .catch(() => { status.textContent = form.dataset.notSaved; })
    .finally(() => { running = null; });
}

if (form) {
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 1000);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}

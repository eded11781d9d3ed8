// Saves an answer a second after the last key and says when. Until the server has it, it waits on this device
// (localStorage), for this person: a lost connection, a closed tab or an ended session loses no word. What waits is
// sent again by itself, from any page of the questionnaire. Without this script the Save button does it.
const form = document.querySelector("[data-autosave]");
const status = form?.querySelector("[data-saved]");
const waiting = document.querySelector("[data-waiting]");
const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
const ALL = "answer:";
const MINE = `${ALL}${document.body.dataset.person}:`;
const RETRY_MS = 15_000;
const PATIENCE_MS = 20_000;
const here = form && new URL(form.action).pathname;
let timer;
let running = Promise.resolve();

const store = (() => {  // storage may be switched off or full: then only the network keeps what is typed
  const quietly = (act) => { try { return act(); } catch { return null; } };
  return {
    get: (path) => quietly(() => JSON.parse(localStorage.getItem(MINE + path))),
    put: (path, draft) => quietly(() => localStorage.setItem(MINE + path, JSON.stringify(draft))),
    drop: (path) => quietly(() => localStorage.removeItem(MINE + path)),
    paths: () => quietly(() => Object.keys(localStorage).filter((key) => key.startsWith(MINE))
      .map((key) => key.slice(MINE.length))) ?? [],
    dropOthers: () => quietly(() => Object.keys(localStorage)
      .filter((key) => key.startsWith(ALL) && !key.startsWith(MINE)).forEach((key) => localStorage.removeItem(key))),
  };
})();

const typed = () => [...new FormData(form)].filter(([name]) => !["csrfmiddlewaretoken", "version", "to_check"].includes(name));
const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function putBack(fields) {
  for (const control of form.elements) {
    if (!control.name || ["hidden", "submit", "button"].includes(control.type)) continue;
    const values = fields.filter(([name]) => name === control.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(control.type)) control.checked = values.includes(control.value);
    else control.value = values[0] ?? "";
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

// Sends one draft. Resolves to "saved", "moved" (another answer stands there), "closed", "out" (no session) or "away".
async function send(path, draft) {
  const body = new URLSearchParams([...draft.fields, ["version", draft.version], ["csrfmiddlewaretoken", token], ["autosave", "1"]]);
  let reply;
  try {
    reply = await fetch(path, { method: "POST", headers: { Accept: "application/json" }, body, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    return { outcome: "away" };
  }
  if (reply.redirected) return { outcome: new URL(reply.url).pathname.startsWith("/accounts/") ? "out" : "closed" };
  if (reply.status === 404) return { outcome: "closed" };
  if (!reply.ok && reply.status !== 409) return { outcome: "refused" };
  try {
    return { outcome: reply.ok ? "saved" : "moved", ...(await reply.json()) };
  } catch {
    return { outcome: "away" };  // cut off in the middle of the answer
  }
}

async function deliver(path) {
  const draft = store.get(path) ?? (path === here ? { fields: typed(), version: form.elements.version.value } : null);
  if (!draft) return "saved";
  const told = await send(path, draft);
  if (["saved", "closed"].includes(told.outcome)) {
    const latest = store.get(path);
    if (!latest || isSame(latest.fields, draft.fields)) store.drop(path);
    else store.put(path, { ...latest, version: told.version });
  }
  if (path === here) {
    if (told.version) form.elements.version.value = told.version;
    const words = { out: form.dataset.loggedOut, away: form.dataset.away, refused: form.dataset.notSaved };
    status.textContent = told.saved ?? words[told.outcome] ?? "";
  }
  return told.outcome;
}

function save(path) {
  running = running.then(() => deliver(path));
  return running;
}

async function sendWaiting() {
  let sent = 0;
  for (const path of store.paths()) sent += (await save(path)) === "saved" ? 1 : 0;
  const rest = store.paths().length;
  if (waiting) waiting.hidden = !rest;
  if (!form && sent && !rest) location.reload();  // this page shows answers as they were before
}

if (document.body.dataset.person) store.dropOthers();
if (form) {
  const kept = store.get(here);
  if (kept && "moved" in form.dataset) store.put(here, { ...kept, version: form.elements.version.value });
  else if (kept) {
    putBack(kept.fields);
    form.elements.version.value = kept.version;
  }
  form.addEventListener("input", () => {
    store.put(here, { fields: typed(), version: form.elements.version.value });
    clearTimeout(timer);
    timer = setTimeout(() => save(here), 1000);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    if ((await save(here)) !== "away") form.submit();  // without a connection this page is all there is: stay on it
  });
}
sendWaiting();
window.addEventListener("online", sendWaiting);
setInterval(() => { if (store.paths().length) sendWaiting(); }, RETRY_MS);

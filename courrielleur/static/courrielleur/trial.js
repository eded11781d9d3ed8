// Shows how far a running trial is: asks again every three seconds. Without this script a link does it.
const panel = document.querySelector("[data-refresh]");

async function look() {
  const reply = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!reply?.ok) return;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const fresh = page.querySelector("[data-refresh]");
  if (!fresh) location.reload(); // it has ended: the whole page is another
  const shown = panel.querySelector("[data-progress]");
  const found = fresh?.querySelector("[data-progress]");
  if (shown && found && shown.innerHTML !== found.innerHTML) shown.replaceChildren(...found.childNodes);
}

if (panel) setInterval(look, 3000);

// The light/dark switch without a page load: what is being typed stays. Without this script the form is posted.
const form = document.querySelector("[data-theme-switch]");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.submitter ?? form.querySelector("button");
  const reply = await fetch(form.action, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams([...new FormData(form), [button.name, button.value]]),
  }).catch(() => null);
  if (!reply?.ok) return form.submit();
  const { theme, next, label } = await reply.json();
  document.documentElement.dataset.theme = theme;
  button.value = next;
  button.title = label;
  button.querySelector("[data-word]").textContent = label;
});

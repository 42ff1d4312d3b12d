// "/" goes to the search box, as interface.md promises; every page works without it.
document.addEventListener("keydown", (event) => {
  const box = document.getElementById("search");
  if (event.key !== "/" || !box || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  event.preventDefault();
  box.focus();
});
// A page that prints offers a button where there is a script for it.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
// A page names its own keys (data-key); in a list of rows (data-row) J and K go down and up. What is typed is left alone.
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("textarea,select,input:not([type=radio]):not([type=checkbox])");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  const rows = [...document.querySelectorAll("[data-row]")];
  const at = rows.indexOf(document.activeElement);
  const next = rows.length && (key === "j" || key === "k") ? rows[Math.max(0, Math.min(rows.length - 1, at + (key === "j" ? 1 : -1)))] : null;
  const meant = next || (/^[a-z0-9]$/.test(key) ? document.querySelector(`[data-key="${key}"]`) : null);
  if (!meant) return;
  event.preventDefault();
  if (meant.matches("a[rel]")) return meant.click();
  if (meant.type === "radio") meant.checked = true;
  if (meant.tagName === "SUMMARY") meant.parentElement.open = true;
  meant.focus();
  meant.scrollIntoView({ block: "nearest" });
});

// Keys and small comforts; every page works without them. "/" goes to the search box, as interface.md promises.
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
  if (meant.matches("a[rel],[data-go]")) return meant.click();
  if (meant.type === "radio") meant.checked = true;
  if (meant.tagName === "SUMMARY") meant.parentElement.open = true;
  meant.focus();
  meant.scrollIntoView({ block: "nearest" });
});
// Ctrl+S saves the form one is in, else the page's main one.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
  const near = document.activeElement && document.activeElement.closest("main form");
  const form = near || document.querySelector("form[data-save]") || document.querySelector("main form[method=post]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button[data-main],button:not([type=button])");
  if (button) button.click();
});
// Enter goes to the next box of a form that says so; on the last one it saves.
document.addEventListener("keydown", (event) => {
  const form = event.key === "Enter" && event.target.matches("input") && event.target.closest("form[data-enter]");
  if (!form) return;
  const boxes = [...form.querySelectorAll("input:not([type=hidden]):not([type=radio]):not([type=checkbox]),select,textarea")].filter((box) => box.offsetParent && !box.hasAttribute("data-known"));
  const next = boxes[boxes.indexOf(event.target) + 1];
  if (!next) return;
  event.preventDefault();
  next.focus();
  if (next.select) next.select();
});
// A form that was sent is not sent again by a second click while the first answer is on its way.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 4000);
});
// A list that can be narrowed by words, with or without tones.
for (const box of document.querySelectorAll("[data-sieve]")) {
  box.hidden = false;
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();
  const rows = [...document.getElementById(box.dataset.sieve).children].map((row) => [row, plain(row.textContent)]);
  box.addEventListener("input", () => {
    const sought = plain(box.value.trim());
    for (const [row, text] of rows) row.classList.toggle("out", !text.includes(sought));
  });
}

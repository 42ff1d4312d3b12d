// "/" goes to the search box, as interface.md promises; every page works without it.
document.addEventListener("keydown", (event) => {
  const box = document.getElementById("search");
  if (event.key !== "/" || !box || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  event.preventDefault();
  box.focus();
});

// Forms: the rules in data- attributes are the server's own (yba.forms.viewing.rules); every page works without this file.
(() => {
  const form = document.querySelector("[data-form]");
  if (!form) return;
  const number = (text) => (/^\s*[+-]?\d+([.,]\d+)?\s*$/.test(text) ? parseFloat(text.replace(",", ".")) : NaN);
  const fields = (name) => {
    const open = name.endsWith("~*") ? name.replace(/(~\*)+$/, "~") : null;
    return [...form.elements].filter((one) => one.name === name || (open && one.name && one.name.startsWith(open)));
  };
  const given = (name) =>
    fields(name)
      .filter((one) => (one.type !== "radio" && one.type !== "checkbox") || one.checked)
      .filter((one) => one.value !== "" && !one.closest("[hidden]"))
      .map((one) => one.value);
  const order = (one, other) => {
    const [a, b] = [number(String(one)), number(String(other))];
    if (!Number.isNaN(a) && !Number.isNaN(b)) return a - b;
    const date = (text) => String(text).replace(/^(\d\d?)\/(\d\d?)\/(\d{4})$/, (_, d, m, y) => `${y}-${m.padStart(2, "0")}-${d.padStart(2, "0")}`);
    return date(one) < date(other) ? -1 : date(one) > date(other) ? 1 : 0;
  };
  const same = (one, other) => String(one) === String(other) || String(one).split(" – ")[0] === String(other) || order(one, other) === 0 && !Number.isNaN(number(String(one)));
  const holds = ([name, operator, value]) => {
    const found = given(name);
    if (operator === "exists") return found.length > 0 === value;
    const tests = {
      "=": (one) => same(one, value), "!=": (one) => !same(one, value), ">": (one) => order(one, value) > 0, "<": (one) => order(one, value) < 0,
      ">=": (one) => order(one, value) >= 0, "<=": (one) => order(one, value) <= 0,
    };
    return found.some(tests[operator]);
  };
  const show = () => {
    for (const each of form.querySelectorAll("[data-when]")) {
      const told = JSON.parse(each.dataset.when).map(holds);
      each.hidden = !(each.dataset.every === "1" ? told.every(Boolean) : told.some(Boolean));
    }
  };
  const english = document.documentElement.lang === "en";
  const words = (box, data) => {
    const value = number(box.value);
    if (box.inputMode === "decimal" && box.value.trim() && Number.isNaN(value)) return [english ? "Give a number." : "Hãy nhập một số, ví dụ 36,7.", true];
    if (Number.isNaN(value)) return ["", false];
    if (data.min !== undefined && value < +data.min) return [english ? `The lowest accepted is ${data.min}.` : `Thấp nhất được nhận là ${data.min}.`, true];
    if (data.max !== undefined && value > +data.max) return [english ? `The highest accepted is ${data.max}.` : `Cao nhất được nhận là ${data.max}.`, true];
    const odd = (data.softMin !== undefined && value < +data.softMin) || (data.softMax !== undefined && value > +data.softMax);
    return odd ? [english ? "Unusual. Is it right?" : "Khác thường. Có đúng không?", false] : ["", false];
  };
  const judge = (box) => {
    const line = box.closest(".q");
    const place = line && line.querySelector("[data-said]");
    if (!place || box.type === "radio" || box.type === "checkbox") return;
    const [text, hard] = words(box, line.dataset);
    place.textContent = text;
    place.hidden = !text;
    place.className = hard ? "wrong-text" : "ask-text";
  };
  let waiting;
  const suggest = (box) => {
    clearTimeout(waiting);
    const words_ = box.value.trim();
    if (words_.length < 2) return;
    waiting = setTimeout(async () => {
      const answer = await fetch(`/form/list?set=${encodeURIComponent(box.dataset.set)}&q=${encodeURIComponent(words_)}`, { credentials: "same-origin" });
      if (!answer.ok) return;
      box.list.replaceChildren(...(await answer.json()).map(([, text]) => Object.assign(document.createElement("option"), { value: text })));
    }, 150);
  };
  form.addEventListener("input", (event) => {
    show();
    if (event.target.dataset.set) suggest(event.target);
  });
  form.addEventListener("change", (event) => {
    show();
    judge(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      return form.requestSubmit(form.querySelector("[data-keep]"));
    }
    // Enter goes to the next box, as a station's nurse expects; in the last one it stays.
    if (event.key !== "Enter" || !form.contains(event.target) || !event.target.matches("input,select")) return;
    event.preventDefault();
    const boxes = [...form.querySelectorAll("input:not([type=hidden]),select,textarea,[data-finish]")].filter((one) => one.offsetParent);
    const next = boxes[boxes.indexOf(event.target) + 1];
    if (next) next.focus();
  });
  form.querySelector("#problems a, [aria-invalid] ")?.focus?.();
  show();
})();

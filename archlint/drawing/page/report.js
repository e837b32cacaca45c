/* Tables of a report: sorted by a click on a heading, searched by words. */

for (const table of document.querySelectorAll(".report table")) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells], rows = [...body.rows];
  const key = (row, at) => row.cells[at].dataset.key ?? row.cells[at].textContent;
  heads.forEach((head, at) => head.firstElementChild.addEventListener("click", () => {
    const numbers = head.classList.contains("number");
    const down = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "ascending" : numbers && head.textContent !== "severity";
    const order = (a, b) => (numbers ? key(a, at) - key(b, at) : key(a, at).localeCompare(key(b, at), "en", { numeric: true }));
    body.append(...[...rows].sort((a, b) => (down ? order(b, a) : order(a, b))));
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  }));
  const search = table.closest("section").querySelector("input[type=search]");
  if (search) search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
  });
}

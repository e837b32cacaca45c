/* Tables that sort by a click on a heading, and the layers of a model as one. */

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) if (value !== null && value !== undefined) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const amount = (value) => (value === null ? "?" : typeof value === "number" ? value.toLocaleString("en") : value);
const total = (value) => (value === 0 ? "" : amount(value));

/* A path may break behind a dot. */
const breakable = (path) => element("span", {}, ...path.split(/(?<=[./])/).flatMap((part) => [part, document.createElement("wbr")]));
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const compact = (value) => (value === 0 ? "" : element("span", { title: amount(value) }, typeof value === "number" ? short.format(value) : value === null ? "?" : `${value.slice(0, 12)}${value.length > 12 ? "…" : ""}`));

/* columns: [{name, title, number, value(row), show(row)}]; rows: anything; chosen(row, made): after a click. */
function makeTable(host, columns, rows, chosen) {
  const table = { host, columns, rows, made: new Map(), sorted: null, down: false };
  table.body = element("tbody");
  const heads = columns.map((column, at) => {
    const button = element("button", { type: "button", title: column.title || `Sort by ${column.name}` }, column.name);
    button.addEventListener("click", () => sortTable(table, at));
    return element("th", { scope: "col", class: column.number ? "number" : null }, button);
  });
  table.heads = heads;
  for (const row of rows) {
    const made = element("tr", { tabindex: table.made.size ? "-1" : "0" }, ...columns.map((column) => element("td", { class: column.number ? "number" : null }, column.show(row))));
    if (chosen) made.addEventListener("click", () => chosen(row));
    table.made.set(row, made);
    table.body.append(made);
  }
  host.replaceChildren(element("table", {}, element("thead", {}, element("tr", {}, ...heads)), table.body));
  host.addEventListener("keydown", (event) => {
    const now = event.target.closest("tbody tr");
    const next = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    let other = now && next ? now[next] : null;
    while (other && other.hidden) other = other[next];
    if (now && event.key === "Enter") now.click();
    if (other) { event.preventDefault(); other.tabIndex = 0; now.tabIndex = -1; other.focus(); other.click(); }
  });
  return table;
}

function sortTable(table, at) {
  table.down = table.sorted === at ? !table.down : Boolean(table.columns[at].number);
  table.sorted = at;
  const value = table.columns[at].value, sign = table.down ? -1 : 1;
  const numeric = (one) => (typeof one === "number" ? one : one === null ? -1 : Infinity);
  const order = (a, b) => (table.columns[at].number ? numeric(a) - numeric(b) || 0 : String(a).localeCompare(String(b), "en", { numeric: true }));
  const rows = table.rows.map((row, place) => [row, value(row), place]);
  rows.sort((a, b) => sign * order(a[1], b[1]) || a[2] - b[2]);
  table.body.append(...rows.map(([row]) => table.made.get(row)));
  table.heads.forEach((head, place) => {
    if (place === at) head.setAttribute("aria-sort", table.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
}

const LAYER_COLUMNS = [
  { name: "#", title: "Sort by order of evaluation", number: true, value: (box) => box.number, show: (box) => String(box.number) },
  { name: "layer", value: (box) => box.path, show: (box) => breakable(box.path) },
  { name: "op", value: (box) => box.op, show: (box) => element("span", { title: box.op_name }, box.op.replace(/^operator/, "")) },
  { name: "output", value: (box) => box.shape, show: (box) => element("code", { title: box.shape }, box.shape) },
  { name: "params", title: "Sort by parameters", number: true, value: (box) => box.params, show: (box) => (box.shared ? "shared" : total(box.params)) },
  { name: "MACs", title: "Sort by multiply-accumulates per sample", number: true, value: (box) => box.macs, show: (box) => compact(box.macs) },
  { name: "line", number: true, value: (box) => (box.place ? box.place.line : 0), show: (box) => (box.place ? box.place.shown : "") },
];

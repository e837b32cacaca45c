/* One model at a time: the drawing, the layer table, the details and the findings, kept in step. */

function start() {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const page = { data, sources: data.sources, model: null, closed: new Set(), selected: null, found: null, table: null };
  page.inside = (item) => (item < page.model.root ? [item] : page.model.boxesOf.get(item));
  page.drawing = makeDrawing(at("drawing"), { select: (item) => select(page, item, "drawing"), toggle: (group) => toggle(page, group) });
  if (data.models.length > 1)
    data.models.forEach((model, number) => at("model").append(element("option", { value: number }, model.label)));
  at("model").hidden = data.models.length < 2;
  at("model").addEventListener("change", (event) => { show(page, Number(event.target.value)); location.hash = page.model.label; });
  at("search").addEventListener("input", (event) => search(page, event.target.value));
  at("search").addEventListener("keydown", (event) => { if (event.key === "Enter") nextFound(page, event.shiftKey ? -1 : 1); });
  const act = {
    in: () => zoom(page.drawing, 1.3), out: () => zoom(page.drawing, 1 / 1.3), fit: () => fit(page.drawing, true),
    unfold: () => refold(page, new Set()), fold: () => refold(page, new Set(page.model.groups.slice(1).map((group) => group.number))),
  };
  for (const [id, action] of Object.entries(act)) at(id).addEventListener("click", action);
  document.addEventListener("keydown", (event) => onKey(page, event, act));
  window.addEventListener("beforeprint", () => forPrint(page.drawing, true));
  window.addEventListener("afterprint", () => forPrint(page.drawing, false));
  const named = data.models.findIndex((model) => model.label === decodeURIComponent(location.hash.slice(1)));
  at("model").value = Math.max(0, named);
  show(page, Math.max(0, named));
}

function show(page, number) {
  const model = page.data.models[number];
  prepare(model);
  Object.assign(page, { model, closed: new Set(model.closed), selected: null, found: null });
  document.getElementById("title").textContent = model.model;
  document.getElementById("totals").replaceChildren(...model.facts.map((fact) => element("span", { title: fact }, fact)));
  document.getElementById("search").value = "";
  document.getElementById("matches").textContent = "";
  page.table = makeTable(document.getElementById("table"), LAYER_COLUMNS, model.boxes.filter((box) => box.kind !== "output"), (box) => select(page, box.number, "table"));
  for (const [box, row] of page.table.made) row.classList.add(...(model.looks[box.number].kind.match(/\b(error|warning|info)\b/) || []).slice(0, 1));
  showFindings(document.getElementById("findings"), page, model, (item) => select(page, item, "findings"));
  draw(page.drawing, model, page.closed);
  fit(page.drawing, false);
  select(page, null, "start");
}

/* For each group its boxes. */
function prepare(model) {
  if (model.boxesOf) return;
  model.boxesOf = new Map();
  const gather = (item) => {
    if (item < model.root) return [item];
    const boxes = model.groups[item - model.root].members.flatMap(gather);
    model.boxesOf.set(item, boxes);
    return boxes;
  };
  gather(model.root);
}

/* The groups around an item, innermost first. */
function around(model, item) {
  const found = [];
  let up = item < model.root ? model.boxes[item].group : model.groups[item - model.root].parent;
  while (up !== null) { found.push(up); up = model.groups[up - model.root].parent; }
  return found;
}

function toggle(page, group) {
  if (page.closed.has(group)) page.closed.delete(group);
  else page.closed.add(group);
  redraw(page, group);
}

function refold(page, closed) {
  page.closed = closed;
  redraw(page, null);
  fit(page.drawing, false);
}

/* Draw anew; `keep` stays where it is on the screen. */
function redraw(page, keep) {
  const { drawing } = page;
  const spot = () => drawing.sheet.boxes.get(keep) || drawing.sheet.frames.get(keep);
  const before = keep === null ? null : spot();
  draw(drawing, page.model, page.closed);
  const after = keep === null ? null : spot();
  if (before && after) pan(drawing, (before[0] + before[2] / 2 - after[0] - after[2] / 2) * drawing.scale, (before[1] - after[1]) * drawing.scale);
  remark(page);
}

function remark(page) {
  mark(page.drawing, seen(page, page.selected), page.found, page.inside);
}

/* The item itself, or the folded module that hides it. */
function seen(page, item) {
  if (item === null) return null;
  return around(page.model, item).reverse().find((group) => page.closed.has(group)) ?? item;
}

/* from: where it was selected; what is not seen from there is brought into view. */
function select(page, item, from) {
  page.selected = item;
  if (item !== null && from !== "drawing") {
    const hidden = around(page.model, item).filter((group) => page.closed.has(group));
    hidden.forEach((group) => page.closed.delete(group));
    if (hidden.length) draw(page.drawing, page.model, page.closed);
    centre(page.drawing, item);
  }
  remark(page);
  const inside = new Set(item === null ? [] : page.inside(item));
  let first = true;
  for (const [box, row] of page.table.made) {
    const here = inside.has(box.number);
    row.classList.toggle("selected", here);
    if (here && first && from !== "table") row.scrollIntoView({ block: "center" });
    first = first && !here;
  }
  showDetails(document.getElementById("details"), page, page.model, item);
}

function search(page, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (box) => {
    const codes = page.model.marks.filter((one) => one.boxes.includes(box.number)).map((one) => `${one.code} ${one.name}`);
    const said = [box.path, box.op_name, box.shape, ...codes, ...box.arguments.map(([name, value]) => `${name}=${value}`)].join(" ").toLowerCase();
    return words.every((word) => said.includes(word));
  };
  page.found = words.length ? new Set(page.model.boxes.filter(fits).map((box) => box.number)) : null;
  for (const [box, row] of page.table.made) row.hidden = page.found !== null && !page.found.has(box.number);
  document.getElementById("matches").textContent = page.found === null ? "" : page.found.size === 1 ? "1 layer" : `${page.found.size} layers`;
  remark(page);
}

function nextFound(page, step) {
  if (!page.found || !page.found.size) return;
  const all = [...page.found], now = all.indexOf(page.selected);
  select(page, all[(now + step + all.length) % all.length] ?? all[0], "search");
}

function onKey(page, event, act) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const box = document.getElementById("search"), typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === "Escape") {
    box.value = "";
    search(page, "");
    select(page, null, "keys");
    page.drawing.view.focus();
  } else if (!typing && event.key === "/") {
    event.preventDefault();
    box.focus();
  } else if (!typing && { "+": 1, "=": 1, "-": 1, 0: 1 }[event.key]) {
    ({ "+": act.in, "=": act.in, "-": act.out, 0: act.fit })[event.key]();
  } else if (event.target === page.drawing.view) {
    walk(page, event);
  }
}

/* In the drawing arrows go from box to box, Enter folds and unfolds. */
function walk(page, event) {
  const all = [...page.drawing.sheet.boxes.keys()].sort((a, b) => page.inside(a)[0] - page.inside(b)[0]);
  const now = all.indexOf(seen(page, page.selected));
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (step) {
    event.preventDefault();
    select(page, all[Math.min(all.length - 1, Math.max(0, now + step))], "drawing");
    centre(page.drawing, page.selected);
  } else if (event.key === "Enter" && page.selected !== null) {
    const group = page.selected >= page.model.root ? page.selected : page.model.boxes[page.selected].group;
    if (group !== page.model.root) { toggle(page, group); select(page, group, "drawing"); }
  }
}

start();

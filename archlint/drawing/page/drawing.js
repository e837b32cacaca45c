/* The drawing: SVG from a sheet of coordinates, zoom and pan, what is selected, found or folded. */

const SVG = "http://www.w3.org/2000/svg";
const LEAST_SCALE = 0.02, MOST_SCALE = 4, READABLE = 0.45;

function svg(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/* on: {select(item), toggle(group), place(item)}: what a person does in the drawing. */
function makeDrawing(host, on) {
  const canvas = svg("g", {});
  const view = svg("svg", { class: "drawing", role: "group", "aria-label": "Layer graph", tabindex: "0" },
    svg("defs", {}, svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" },
      svg("path", { class: "tip", d: "M0,0.5 L8,4 L0,7.5 z" }))), canvas);
  host.replaceChildren(view);
  const drawing = { view, canvas, sheet: null, model: null, scale: 1, x: 0, y: 0, nodes: new Map(), wires: [], selected: null };
  listen(drawing, on);
  return drawing;
}

function draw(drawing, model, closed) {
  drawing.model = model;
  drawing.sheet = place(model.root, model.rows, model.looks, closed);
  drawing.nodes.clear();
  drawing.wires = [];
  const parts = document.createDocumentFragment();
  for (const [number, at] of drawing.sheet.frames) if (number !== model.root) parts.append(frame(drawing, number, at));
  const passing = new Map();
  for (const stroke of drawing.sheet.strokes) {
    if (stroke.ends !== null) parts.append(wire(drawing, stroke.box, stroke.ends, pathOf(stroke)));
    else passing.set(stroke.box, (passing.get(stroke.box) || "") + pathOf(stroke));
  }
  for (const [box, path] of passing) parts.append(wire(drawing, box, null, path));
  for (const [number, at] of drawing.sheet.frames) if (number !== model.root) parts.append(frameName(drawing, number, at));
  for (const [item, at] of drawing.sheet.boxes) parts.append(box(drawing, item, at));
  drawing.canvas.replaceChildren(parts);
}

function frame(drawing, number, [x, y, width, height]) {
  const look = drawing.model.looks[number];
  const made = svg("g", { class: "module-frame", "data-item": number },
    svg("rect", { class: "frame", x, y, width, height, rx: 8 }),
    fold(number, x + 8, y + 6, "−", `Fold ${look.title}`));
  drawing.nodes.set(number, made);
  return made;
}

/* Above the wires, which would run through it. */
function frameName(drawing, number, [x, y]) {
  return Object.assign(svg("text", { class: "name", x: x + 28, y: y + 17 }), { textContent: drawing.model.looks[number].title });
}

function fold(number, x, y, sign, hint) {
  const button = svg("g", { class: "fold", "data-fold": number },
    svg("rect", { x, y, width: 14, height: 14, rx: 3 }),
    Object.assign(svg("text", { x: x + 7, y: y + 11 }), { textContent: sign }));
  button.append(Object.assign(svg("title", {}), { textContent: hint }));
  return button;
}

function pathOf({ x, y, toX, toY }) {
  const middle = (y + toY) / 2;
  return x === toX ? `M${x},${y}V${toY}` : `M${x},${y}C${x},${middle} ${toX},${middle} ${toX},${toY}`;
}

/* A part of what leaves `box`: one that ends at a box, or all that passes on its way there. */
function wire(drawing, box, ends, path) {
  const made = svg("path", { class: "wire", d: path, "marker-end": ends === null ? null : "url(#arrow)" });
  drawing.wires.push({ made, box, ends });
  return made;
}

function box(drawing, item, [x, y, width, height]) {
  const look = drawing.model.looks[item], module = item >= drawing.model.root;
  const made = svg("g", { class: `box ${look.kind}`, "data-item": item });
  const round = /\b(input|output)\b/.test(look.kind) ? height / 2 : 6;
  const line = (kind, at, top, text) => made.append(Object.assign(svg("text", { class: kind, x: at, y: top }), { textContent: text }));
  made.append(Object.assign(svg("title", {}), { textContent: look.hint }), svg("rect", { x, y, width, height, rx: round }));
  line("", x + width / 2, y + (look.subtitle ? 18 : 25), look.title);
  if (look.subtitle) line("small", x + width / 2, y + 33, look.subtitle);
  if (look.codes) line("code", x + width + 4, y + 12, look.codes);
  if (look.shape) line("shape", x + width / 2, y + height + 13, look.shape);
  if (module) made.append(fold(item, x - 6, y - 6, "+", `Unfold ${look.title}`));
  drawing.nodes.set(item, made);
  return made;
}

function listen(drawing, on) {
  const { view } = drawing;
  let held = null;
  view.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (event.shiftKey) return pan(drawing, -event.deltaY, 0);
    zoom(drawing, Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), event.offsetX, event.offsetY);
  }, { passive: false });
  view.addEventListener("pointerdown", (event) => { held = { x: event.clientX, y: event.clientY, moved: false }; });
  view.addEventListener("pointermove", (event) => {
    if (!held || !event.buttons) return;
    const dx = event.clientX - held.x, dy = event.clientY - held.y;
    if (!held.moved && Math.hypot(dx, dy) < 4) return;
    if (!held.moved) view.setPointerCapture(event.pointerId);
    held = { x: event.clientX, y: event.clientY, moved: true };
    pan(drawing, dx, dy);
  });
  view.addEventListener("click", (event) => {
    const moved = held && held.moved;
    held = null;
    if (moved) return;
    const button = event.target.closest("[data-fold]"), item = event.target.closest("[data-item]");
    if (button) on.toggle(Number(button.dataset.fold));
    else on.select(item ? Number(item.dataset.item) : null);
  });
  view.addEventListener("dblclick", (event) => {
    const item = event.target.closest("[data-item]");
    if (item && !event.target.closest("[data-fold]") && Number(item.dataset.item) >= drawing.model.root) on.toggle(Number(item.dataset.item));
  });
}

function pan(drawing, dx, dy) {
  drawing.x += dx;
  drawing.y += dy;
  moved(drawing);
}

function zoom(drawing, factor, x, y) {
  const scale = Math.min(MOST_SCALE, Math.max(LEAST_SCALE, drawing.scale * factor));
  const middle = [x ?? drawing.view.clientWidth / 2, y ?? drawing.view.clientHeight / 2];
  drawing.x = middle[0] - ((middle[0] - drawing.x) * scale) / drawing.scale;
  drawing.y = middle[1] - ((middle[1] - drawing.y) * scale) / drawing.scale;
  drawing.scale = scale;
  moved(drawing);
}

function moved(drawing) {
  drawing.canvas.setAttribute("transform", `translate(${drawing.x},${drawing.y}) scale(${drawing.scale})`);
  drawing.view.dataset.scale = drawing.scale.toFixed(4);
}

/* The whole drawing in view; else as much as can be read, from where the model begins. */
function fit(drawing, whole) {
  const { width, height, boxes } = drawing.sheet, { clientWidth, clientHeight } = drawing.view;
  const wide = (clientWidth - 24) / width, high = (clientHeight - 24) / height, all = Math.min(wide, high);
  drawing.scale = Math.max(LEAST_SCALE, whole ? Math.min(all, 1.5) : Math.min(1, Math.max(all, Math.min(wide, 0.75), READABLE)));
  const first = boxes.get(Math.min(...boxes.keys()));
  const middle = width * drawing.scale <= clientWidth || !first ? width / 2 : first[0] + first[2] / 2;
  drawing.x = clientWidth / 2 - middle * drawing.scale;
  drawing.y = height * drawing.scale > clientHeight ? 12 : (clientHeight - height * drawing.scale) / 2;
  moved(drawing);
}

/* On paper all of it, as large as fits. */
function forPrint(drawing, on) {
  if (on) {
    drawing.view.setAttribute("viewBox", `0 0 ${drawing.sheet.width} ${drawing.sheet.height}`);
    drawing.canvas.removeAttribute("transform");
  } else {
    drawing.view.removeAttribute("viewBox");
    moved(drawing);
  }
}

function centre(drawing, item) {
  const at = drawing.sheet.boxes.get(item) || drawing.sheet.frames.get(item);
  if (!at) return;
  const [x, y, width, height] = at, { clientWidth, clientHeight } = drawing.view;
  const left = drawing.x + x * drawing.scale, top = drawing.y + y * drawing.scale;
  const inside = left > 0 && top > 0 && left + width * drawing.scale < clientWidth && top + Math.min(height, 60) * drawing.scale < clientHeight;
  if (inside && drawing.scale > 0.55) return;
  drawing.scale = Math.max(drawing.scale, 0.7);
  drawing.x = clientWidth / 2 - (x + width / 2) * drawing.scale;
  drawing.y = clientHeight / 2 - (y + Math.min(height, clientHeight / drawing.scale) / 2) * drawing.scale;
  moved(drawing);
}

/* selected: item or null; found: a Set of boxes that a search is about, or null. */
function mark(drawing, selected, found, inside) {
  for (const [item, made] of drawing.nodes) {
    made.classList.toggle("selected", item === selected);
    made.classList.toggle("aside", found !== null && item in drawing.model.looks && !inside(item).some((one) => found.has(one)));
  }
  const sources = new Set(selected === null ? [] : inside(selected));
  for (const { made, box, ends } of drawing.wires)
    made.classList.toggle("lit", selected !== null && (sources.has(box) || ends === selected));
}

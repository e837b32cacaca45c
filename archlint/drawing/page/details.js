/* What is known of one layer or module, the findings, and the source around a line. */

const SIGNS = { error: "✖", warning: "⚠", info: "ℹ" };

function showDetails(host, page, model, item) {
  if (item === null) {
    host.replaceChildren(element("p", { class: "hint" }, "Select a layer in the drawing or in the table."));
    if (model.notes.length) host.append(element("h3", {}, "Not understood"), element("ul", {}, ...model.notes.map((note) => element("li", {}, note))));
    return;
  }
  const facts = item < model.root ? boxFacts(model, model.boxes[item]) : groupFacts(model, model.groups[item - model.root]);
  const boxes = new Set(page.inside(item));
  const parts = [element("h2", {}, facts.title), definitions(facts.rows)];
  for (const found of model.marks.filter((one) => one.boxes.some((box) => boxes.has(box)))) parts.push(finding(page, model, found));
  for (const [name, at] of facts.places) parts.push(source(page, at, name));
  host.replaceChildren(...parts);
}

function definitions(rows) {
  const shown = rows.filter(([, value]) => value !== "" && value !== null);
  return element("dl", {}, ...shown.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

function boxFacts(model, box) {
  const taken = model.edges.filter((edge) => edge[2] === box.number).map((edge) => edge[4]);
  const given = [...new Set(model.edges.filter((edge) => edge[0] === box.number).map((edge) => edge[4]))];
  const rows = [
    ["operation", box.op_name], ["path", box.path], ["takes", taken.join("  ")],
    ["gives", (given.length ? given : [box.shape]).join("  ")],
    ["arguments", box.arguments.map(([name, text]) => `${name}=${text}`).join(", ")],
    ["parameters", box.shared ? "shared with an earlier call" : total(box.params)],
    ["not trained", total(box.state)], ["MACs", total(box.macs)], ["receptive field", box.receptive_field],
    ["output bytes", box.memory ? `${amount(box.memory)} per sample` : ""],
    ["called", box.repeats > 1 ? `${box.repeats} times` : ""],
    ["condition", box.undecided ? "in one arm of a test that is not decided" : ""], ["not known", box.unknown],
  ];
  return { title: box.kind === "layer" ? box.op.replace(/^operator/, "") : `${box.kind} ${box.path}`, rows, places: [["applied", box.place], ["made", box.made]].filter(([, at]) => at) };
}

function groupFacts(model, group) {
  const rows = [
    ["class", group.class_name], ["path", group.alike > 1 ? "" : group.path], ["layers", amount(group.layers)],
    ["parameters", amount(group.params)], ["MACs", amount(group.macs)], ["gives", group.shapes.join("  ")],
  ];
  return { title: group.label, rows, places: [] };
}

function finding(page, model, found) {
  const text = [element("strong", {}, `${SIGNS[found.severity]} ${found.code} ${found.name}`), " ", found.message];
  const made = element("div", { class: `finding ${found.severity}` }, element("p", {}, ...text));
  if (found.help) made.append(element("p", { class: "help" }, `help: ${found.help}`));
  if (found.place) made.append(links(page, found.place));
  return made;
}

function links(page, at) {
  const file = page.sources[at.path];
  const label = `${at.path}:${at.shown || at.line}`;
  if (!file) return element("span", { class: "links" }, label);
  if (file.counted) return element("span", { class: "links" }, element("a", { href: file.href }, label));
  return element("span", { class: "links" }, element("a", { href: `${file.href}#L${at.line}` }, label), " ",
    element("a", { href: `vscode://file${file.editor}:${at.line}:${at.column}`, title: "Open in Visual Studio Code" }, "VS Code"));
}

function source(page, at, name) {
  const { lines, counted } = page.sources[at.path] || { lines: {} };
  const code = element("code", {});
  for (let number = at.line - 3; number <= Math.min(at.end, at.line + 8) + 3; number++) {
    if (!(number in lines)) continue;
    const here = number >= at.line && number <= at.end;
    code.append(element("span", { class: here ? "line here" : "line", "data-line": number }, `${String(counted ? counted[number] : number).padStart(5)}  ${lines[number]}\n`));
  }
  return element("section", {}, element("h3", {}, `${name} in `, links(page, at)), element("pre", {}, code));
}

/* Every finding of the model; a click leads to its layer. */
function showFindings(host, page, model, select) {
  const made = model.marks.map((found) => {
    const one = finding(page, model, found);
    if (found.boxes.length) {
      const button = element("button", { type: "button", class: "show" }, "show");
      button.addEventListener("click", () => select(found.boxes[0]));
      one.firstChild.append(" ", button);
    }
    return one;
  });
  host.replaceChildren(...made);
  host.hidden = !made.length;
}

/* Coordinates for what is seen, as placing.py computes them; see there for what the numbers mean. */

const GAP = 22, ROW_GAP = 26, LANE = 8, HEAD = 24, HEAD_GAP = 18, FOOT = 4, SIDE = 16, FOLD = 16, ROUNDS = 12;
const BETWEEN_BOXES = 16, ON_A_LANE = 2, TO_A_LANE = 0.25;

/* rows: by group {cells: [[item | [box, slot]]], links: [[[above, below, box, slot]]]}; closed: a Set of groups. */
function place(root, rows, sizes, closed) {
  const pieces = new Map();
  makePiece(root, rows, sizes, closed, pieces);
  const sheet = { width: pieces.get(root).width, height: pieces.get(root).height, boxes: new Map(), frames: new Map(), strokes: [] };
  putPiece(root, 0, 0, rows, sizes, pieces, sheet);
  return sheet;
}

const isLane = (cell) => Array.isArray(cell);
const wireOf = (box, slot) => `${box}.${slot}`;

function makePiece(number, rows, sizes, closed, pieces) {
  const own = rows[number];
  for (const cell of own.cells.flat())
    if (!isLane(cell) && cell in rows && !closed.has(cell)) makePiece(cell, rows, sizes, closed, pieces);
  const room = (cell) => (isLane(cell) ? LANE : pieces.has(cell) ? pieces.get(cell).width : sizes[cell].room);
  const middles = middlesOf(own, room, pieces);
  let left = Infinity, right = -Infinity;
  own.cells.forEach((row, r) => row.forEach((cell, at) => {
    left = Math.min(left, middles[r][at] - room(cell) / 2);
    right = Math.max(right, middles[r][at] + room(cell) / 2);
  }));
  if (left === Infinity) left = right = 0;
  const spare = sizes[number] ? Math.max(0, sizes[number].width + FOLD - (right - left + 2 * SIDE)) / 2 : 0;
  left -= spare; // the name above has room
  right += spare;
  const piece = { width: right - left + 2 * SIDE, middles: middles.map((xs) => xs.map((x) => x - left + SIDE)), tops: [], heights: [] };
  const last = own.cells.length - 1;
  let y = 0;
  own.cells.forEach((row, at) => {
    const tall = row.reduce((most, cell) => Math.max(most, tallness(cell, sizes, pieces)), 0);
    piece.tops.push(y);
    piece.heights.push(at === 0 ? HEAD : at === last ? FOOT : tall);
    y += piece.heights[at] + (at === 0 ? HEAD_GAP : at < last ? ROW_GAP : 0);
  });
  piece.height = y;
  piece.ins = portsOf(own.cells[0], piece.middles[0]);
  piece.outs = portsOf(own.cells[last], piece.middles[last]);
  pieces.set(number, piece);
}

function portsOf(cells, middles) {
  const ports = new Map();
  cells.forEach((cell, at) => { if (isLane(cell)) ports.set(wireOf(...cell), middles[at]); });
  return ports;
}

function tallness(cell, sizes, pieces) {
  if (isLane(cell)) return 0;
  return pieces.has(cell) ? pieces.get(cell).height : sizes[cell].depth;
}

function port(cell, wire, pieces, out) {
  const piece = isLane(cell) ? undefined : pieces.get(cell);
  if (!piece) return 0;
  const found = (out ? piece.outs : piece.ins).get(wire);
  return found === undefined ? 0 : found - piece.width / 2;
}

function middlesOf(own, room, pieces) {
  const rooms = own.cells.map((row) => row.map(room));
  const least = rooms.map((row) => row.slice(1).map((b, i) => (row[i] + b) / 2 + GAP));
  const middles = rooms.map((row, r) => settled(row.map(() => 0), row.map(() => 1), least[r]));
  const pulls = pullsOf(own, pieces);
  const count = own.cells.length;
  for (let turn = 0; turn < ROUNDS; turn++) {
    const down = turn % 2 === 0, both = turn >= ROUNDS - 2;
    for (let step = 0; step < count; step++) {
      const row = down ? step : count - 1 - step;
      const wanted = middles[row].slice(), weights = wanted.map(() => 0.01);
      pulls[row].forEach((found, at) => {
        let total = 0, sum = 0;
        for (const [other, its, shift, weight] of found)
          if (both || other < row === down) { total += weight; sum += weight * (middles[other][its] + shift); }
        if (total) { wanted[at] = sum / total; weights[at] = total; }
      });
      middles[row] = settled(wanted, weights, least[row]);
    }
  }
  return middles;
}

function pullsOf(own, pieces) {
  const pulls = own.cells.map((row) => row.map(() => []));
  own.links.forEach((links, row) => {
    for (const [above, below, box, slot] of links) {
      const upper = own.cells[row][above], lower = own.cells[row + 1][below], wire = wireOf(box, slot);
      const shift = port(upper, wire, pieces, true) - port(lower, wire, pieces, false);
      const lanes = isLane(upper) + isLane(lower);
      const atPort = row === 0 || row === own.links.length - 1;
      const weight = atPort ? (lanes === 2 ? TO_A_LANE : BETWEEN_BOXES) : [BETWEEN_BOXES, TO_A_LANE, ON_A_LANE][lanes];
      pulls[row][above].push([row + 1, below, -shift, weight]);
      pulls[row + 1][below].push([row, above, shift, weight]);
    }
  });
  return pulls;
}

function settled(wanted, weights, least) {
  const shifts = [0];
  for (const gap of least) shifts.push(shifts[shifts.length - 1] + gap);
  const blocks = [];
  wanted.forEach((want, i) => {
    blocks.push([(want - shifts[i]) * weights[i], weights[i], 1]);
    while (blocks.length > 1) {
      const a = blocks[blocks.length - 2], b = blocks[blocks.length - 1];
      if (a[0] / a[1] <= b[0] / b[1]) break;
      blocks.pop();
      a[0] += b[0]; a[1] += b[1]; a[2] += b[2];
    }
  });
  return blocks.flatMap(([total, weight, number]) => Array(number).fill(total / weight)).map((mean, i) => mean + shifts[i]);
}

function putPiece(number, left, top, rows, sizes, pieces, sheet) {
  const piece = pieces.get(number), own = rows[number];
  sheet.frames.set(number, [left, top, piece.width, piece.height]);
  own.cells.forEach((cells, row) => {
    cells.forEach((cell, at) => {
      const x = left + piece.middles[row][at], y = top + piece.tops[row];
      if (isLane(cell)) sheet.strokes.push({ box: cell[0], x, y, toX: x, toY: y + piece.heights[row], ends: null });
      else if (pieces.has(cell)) putPiece(cell, x - pieces.get(cell).width / 2, y, rows, sizes, pieces, sheet);
      else sheet.boxes.set(cell, [x - sizes[cell].width / 2, y, sizes[cell].width, sizes[cell].height]);
    });
    for (const [above, below, box, slot] of own.links[row] || []) {
      const upper = cells[above], lower = own.cells[row + 1][below], wire = wireOf(box, slot);
      sheet.strokes.push({
        box,
        x: left + piece.middles[row][above] + port(upper, wire, pieces, true),
        y: top + piece.tops[row] + (isLane(upper) ? piece.heights[row] : tallness(upper, sizes, pieces)),
        toX: left + piece.middles[row + 1][below] + port(lower, wire, pieces, false),
        toY: top + piece.tops[row + 1],
        ends: isLane(lower) || pieces.has(lower) ? null : lower,
      });
    }
  });
}

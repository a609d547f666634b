// Labels on a map: never over a dot, never over each other. Each goes to the free place that lies nearest to dots of its own;
// one that finds none is left out.
const CELL = 3; // pixels of a cell of the table of what is taken
const AWAY = 8; // farther than this from its dots a label gets a line to them

// boxes of taken space are counted in a table of sums, so that any box is looked up at once
function takenSpace(width, height, dots) {
  const [columns, rows] = [Math.ceil(width / CELL), Math.ceil(height / CELL)];
  const sums = new Int32Array((columns + 1) * (rows + 1));
  for (const { x, y, r } of dots) {
    const [left, right] = [Math.max(0, Math.floor((x - r) / CELL)), Math.min(columns - 1, Math.floor((x + r) / CELL))];
    const [top, bottom] = [Math.max(0, Math.floor((y - r) / CELL)), Math.min(rows - 1, Math.floor((y + r) / CELL))];
    for (let row = top; row <= bottom; row++) for (let column = left; column <= right; column++) sums[(row + 1) * (columns + 1) + column + 1] = 1;
  }
  for (let row = 1; row <= rows; row++) {
    for (let column = 1, line = 0; column <= columns; column++) {
      const at = row * (columns + 1) + column;
      line += sums[at];
      sums[at] = line + sums[at - columns - 1];
    }
  }
  // whether nothing lies in a box
  return (left, top, right, bottom) => {
    const [a, b] = [Math.max(0, Math.floor(left / CELL)), Math.max(0, Math.floor(top / CELL))];
    const [c, d] = [Math.min(columns, Math.floor(right / CELL) + 1), Math.min(rows, Math.floor(bottom / CELL) + 1)];
    const wide = columns + 1;
    return sums[d * wide + c] - sums[b * wide + c] - sums[d * wide + a] + sums[b * wide + a] === 0;
  };
}

// (Math.hypot takes ten times as long as a root.)
function distanceTo(box, { x, y }) {
  const aside = x < box.left ? box.left - x : x > box.right ? x - box.right : 0;
  const above = y < box.top ? box.top - y : y > box.bottom ? y - box.bottom : 0;
  return Math.sqrt(aside * aside + above * above);
}

function cross(a, b, c, d) {
  const side = (p, q, r) => Math.sign((q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x));
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);
}

// Whether a line runs through a box, or close by.
function strikes([from, to], box) {
  const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 4) || 1;
  for (let n = 0; n <= steps; n++) {
    if (distanceTo(box, { x: from.x + ((to.x - from.x) * n) / steps, y: from.y + ((to.y - from.y) * n) / steps }) < 3) return true;
  }
  return false;
}

// labels: {text, region, width, height, dots}, the weightiest first; dots: some dots of its own. dots: all that are drawn.
// reach: how long a line may be.
// Returns {text, region, left, top, right, bottom, line}: line is null, or the two points that it joins.
function placeLabels(width, height, dots, labels, reach) {
  const free = takenSpace(width, height, dots);
  let [most, order] = [[], labels];
  for (let tries = 0; tries < 4; tries++) {
    const placed = placeInOrder(width, height, free, order, reach);
    if (placed.length > most.length) most = placed;
    const left = order.filter((label) => !placed.some((p) => p.region === label.region));
    if (!left.length) break;
    order = [...left, ...order.filter((label) => !left.includes(label))]; // those that found no place choose first
  }
  return most;
}

function placeInOrder(width, height, free, labels, reach) {
  const placed = [];
  for (const label of labels) {
    if (!label.dots.length) continue;
    const middle = (key) => label.dots.map((dot) => dot[key]).sort((a, b) => a - b)[label.dots.length >> 1];
    const centre = { x: middle("x"), y: middle("y") };
    let [best, least] = [null, Infinity];
    for (let top = 3; top + label.height <= height - 3; top += 5) {
      for (let left = 3; left + label.width <= width - 3; left += 7) {
        const box = { left, top, right: left + label.width, bottom: top + label.height };
        const far = distanceTo(box, centre);
        if (0.4 * far >= least || !free(box.left, box.top, box.right, box.bottom)) continue;
        if (placed.some((p) => p.left < box.right + 6 && box.left < p.right + 6 && p.top < box.bottom + 3 && box.top < p.bottom + 3)) continue;
        let [near, dot] = [Infinity, null];
        for (const own of label.dots) {
          const away = distanceTo(box, own) - own.r;
          if (away < near) [near, dot] = [away, own];
        }
        const cost = near + 0.4 * far;
        if (cost >= least || near > reach) continue;
        const end = { x: Math.max(box.left, Math.min(box.right, dot.x)), y: Math.max(box.top, Math.min(box.bottom, dot.y)) };
        const line = near > AWAY ? [end, dot] : null;
        const crossed = (p) => (p.line && (strikes(p.line, box) || (line && cross(...line, ...p.line)))) || (line && strikes(line, p));
        if (!placed.some(crossed)) [best, least] = [{ text: label.text, region: label.region, ...box, line }, cost];
      }
    }
    if (best) placed.push(best);
  }
  return placed;
}

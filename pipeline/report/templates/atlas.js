// Tol's light scheme: black reads on each, and people with any colour vision tell them apart.
const COLOURS = ["#77aadd", "#ee8866", "#44bb99", "#eedd88", "#ffaabb", "#aaaa00", "#99ddff", "#cccccc"];
const GLYPHS = '"Scenesign Glyphs", "Songti SC", "Noto Serif CJK SC", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", serif';

const colour = (region) => COLOURS[region % COLOURS.length];
const theme = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// A canvas at the screen's own resolution; returns its context, in CSS pixels.
function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

// What dots of two pixels are drawn in on a light ground, where those above are too pale.
const DARKER = ["#3d76b3", "#c8582f", "#1f8f71", "#b89a1d", "#d9607c", "#7f7f00", "#3a9fce", "#8b8b8b"];

// A map of dots. Layers lie on one plane, and one is shown at a time. layer: {count, x, y, region(i), size(i), glyph(i),
// dimmed(i)}: x and y in 0..10000, beyond it where dots lie outside; size within 0..1, 0 for all where there are too many
// to tell apart; glyph null where a dot has none. point(i or null) is called while one is pointed at, keep(i or null) when one is chosen.
// regions: {name}, by the numbers that layers give.
function makeAtlas(canvas, regions, { point, keep }) {
  const view = { zoom: 1, x: 0, y: 0, width: 0, height: 0 };
  let layer = null;
  let frame = null; // left, right, top and bottom of all that lies on the plane
  let dots = { x: new Float32Array(0), y: new Float32Array(0), r: new Float32Array(0) }; // on the unzoomed canvas
  let marked = null; // a dot, or a place
  let placed = []; // labels where they were last painted
  let moved = true; // whether labels have to be placed anew
  let waiting = 0;

  function layout() {
    view.width = canvas.clientWidth;
    const phone = view.width < 500;
    view.height = Math.round(phone ? Math.min(520, view.width * 1.2) : Math.max(300, Math.min(600, view.width * 0.8)));
    canvas.style.height = view.height + "px";
    const { count } = layer;
    const most = Math.max(4, Math.min(24, view.width / 20, 0.3 * Math.sqrt((view.width * view.height) / count)));
    const dust = Math.max(1, Math.min(4, 0.35 * Math.sqrt((view.width * view.height) / count)));
    // room for names round the map
    const [aside, above] = [most + 8, phone ? 46 : 34];
    const { left, right, top, bottom } = frame;
    const scale = Math.min((view.width - 2 * aside) / (right - left || 1), (view.height - 2 * above) / (bottom - top || 1));
    dots = { x: new Float32Array(count), y: new Float32Array(count), r: new Float32Array(count) };
    for (let i = 0; i < count; i++) {
      dots.x[i] = view.width / 2 + (layer.x[i] - (left + right) / 2) * scale;
      dots.y[i] = view.height / 2 + (layer.y[i] - (top + bottom) / 2) * scale;
      dots.r[i] = layer.size ? Math.max(2, most * Math.sqrt(layer.size(i))) : dust;
    }
    // small ones last, so that none is hidden under a large one
    dots.order = Uint32Array.from({ length: count }, (_, i) => i);
    if (layer.size) dots.order.sort((a, b) => dots.r[b] - dots.r[a]);
    dots.at = (place) => ({ x: view.width / 2 + (place.x - (left + right) / 2) * scale, y: view.height / 2 + (place.y - (top + bottom) / 2) * scale, r: most });
    draw();
  }

  const grown = () => Math.sqrt(view.zoom);
  const onScreen = (dot) => ({ x: (dot.x - view.x) * view.zoom, y: (dot.y - view.y) * view.zoom, r: dot.r * grown() });
  const dot = (i) => ({ x: dots.x[i], y: dots.y[i], r: dots.r[i] });
  const spotOf = (mark) => (mark === null ? null : typeof mark === "object" ? dots.at(mark) : dot(mark));

  function draw(again = true) {
    moved ||= again;
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(paint);
  }

  function paint() {
    const context = sized(canvas, view.width, view.height);
    const ink = theme("--ink");
    const [grow, shown] = [grown(), []];
    for (const i of dots.order) {
      const [x, y, r] = [(dots.x[i] - view.x) * view.zoom, (dots.y[i] - view.y) * view.zoom, dots.r[i] * grow];
      if (x >= -r && y >= -r && x <= view.width + r && y <= view.height + r) shown.push({ i, x, y, r, region: layer.region(i), dimmed: layer.dimmed(i) });
    }
    if (layer.size) paintDots(context, shown);
    else paintDust(context, shown);
    context.globalAlpha = 1;
    paintLabels(context, shown, ink);
    const spot = spotOf(marked);
    if (spot) {
      const { x, y, r } = onScreen(spot);
      context.beginPath();
      context.arc(x, y, Math.max(r + 4, 6), 0, 7);
      context.lineWidth = 3;
      context.strokeStyle = ink;
      context.stroke();
    }
  }

  function paintDots(context, shown) {
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const { i, x, y, r, region, dimmed } of shown) {
      context.globalAlpha = dimmed ? 0.13 : 1;
      context.beginPath();
      context.arc(x, y, r, 0, 7);
      context.fillStyle = colour(region);
      context.fill();
      context.lineWidth = r > 4 ? 1 : 0.5;
      context.strokeStyle = "rgba(0, 0, 0, .55)";
      context.stroke();
      if (r >= 9) {
        context.font = `${Math.round(r * 1.15)}px ${GLYPHS}`;
        context.fillStyle = "#16181c";
        context.fillText(layer.glyph(i), x, y);
      }
    }
  }

  // Many dots of one size: squares while they are too small to be told from circles, a path for each region.
  function paintDust(context, shown) {
    const shades = isDark() ? COLOURS : DARKER;
    for (const back of [true, false]) {
      context.globalAlpha = back ? 0.1 : 0.75;
      for (let region = 0; region < Math.max(1, regions.length); region++) {
        context.fillStyle = shades[region % shades.length];
        context.beginPath();
        for (const { x, y, r, region: own, dimmed } of shown) {
          if (own !== region || dimmed !== back) continue;
          if (r < 2) context.rect(x - r, y - r, 2 * r, 2 * r);
          else {
            context.moveTo(x + r, y);
            context.arc(x, y, r, 0, 7);
          }
        }
        context.fill();
      }
    }
  }

  function paintLabels(context, shown, ink) {
    const size = view.width < 500 ? 12 : 13;
    context.font = `600 ${size}px ${theme("--sans")}`;
    context.textAlign = "left";
    context.textBaseline = "middle";
    const own = regions.map(() => []);
    const inside = ({ x, y }) => x >= 0 && y >= 0 && x <= view.width && y <= view.height;
    for (const spot of shown) if (!spot.dimmed && inside(spot)) own[spot.region]?.push(spot);
    const labels = regions
      .map(({ name }, region) => ({ text: name, region, mass: own[region].length, dots: own[region].filter((_, n, all) => n % Math.ceil(all.length / 48) === 0) }))
      .filter(({ text, mass }) => text && mass)
      .sort((a, b) => b.mass - a.mass)
      .map((label) => ({ ...label, width: context.measureText(label.text).width + 17, height: size + 5 }));
    if (moved) placed = placeLabels(view.width, view.height, shown, labels, view.zoom > 1 ? 50 : view.height / 2);
    moved = false;
    for (const { text, region, left, top, right, bottom, line } of placed) {
      const middle = (top + bottom) / 2;
      if (line) {
        for (const [width, style] of [[3, theme("--paper")], [1, ink]]) {
          context.beginPath();
          context.moveTo(line[0].x, line[0].y);
          context.lineTo(line[1].x, line[1].y);
          context.lineWidth = width;
          context.strokeStyle = style;
          context.stroke();
        }
      }
      // square, that nobody takes it for a dot
      context.beginPath();
      context.rect(left + 1.5, middle - 4, 8, 8);
      context.fillStyle = (layer.size || isDark() ? COLOURS : DARKER)[region % COLOURS.length];
      context.fill();
      context.lineWidth = 1;
      context.strokeStyle = "rgba(0, 0, 0, .55)";
      context.stroke();
      context.fillStyle = ink;
      context.fillText(text, left + 14, middle);
    }
  }

  function dotAt(event) {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let [best, nearest] = [null, event.pointerType === "touch" ? 22 : 9];
    for (let i = 0; i < layer.count; i++) {
      const at = onScreen(dot(i));
      const apart = Math.sqrt((at.x - x) ** 2 + (at.y - y) ** 2);
      // inside overlapping circles the one with the nearest centre counts
      const rank = apart < at.r ? apart / at.r - 1 : apart - at.r;
      if (rank < nearest && !layer.dimmed(i)) [best, nearest] = [i, rank];
    }
    return best;
  }

  function zoomBy(factor, middle) {
    const zoom = Math.max(1, Math.min(layer.size ? 16 : 64, view.zoom * factor));
    const at = middle || { x: view.x + view.width / 2 / view.zoom, y: view.y + view.height / 2 / view.zoom };
    view.zoom = zoom;
    moveTo(at.x - view.width / 2 / zoom, at.y - view.height / 2 / zoom);
    canvas.classList.toggle("closer", zoom > 1);
  }

  function moveTo(x, y) {
    view.x = Math.max(0, Math.min(view.width - view.width / view.zoom, x));
    view.y = Math.max(0, Math.min(view.height - view.height / view.zoom, y));
    draw();
  }

  // The dot that lies next in a direction: near, and straight ahead rather than aside.
  function next(dx, dy) {
    const from = spotOf(marked);
    if (!from) return 0;
    let [best, least] = [typeof marked === "object" ? 0 : marked, Infinity];
    for (let i = 0; i < layer.count; i++) {
      const ahead = (dots.x[i] - from.x) * dx + (dots.y[i] - from.y) * dy;
      const aside = Math.abs((dots.x[i] - from.x) * dy - (dots.y[i] - from.y) * dx);
      if (ahead > 0 && ahead + 2 * aside < least && !layer.dimmed(i)) [best, least] = [i, ahead + 2 * aside];
    }
    return best;
  }

  let held = null; // where a press began, and where the view was
  canvas.addEventListener("pointerdown", (event) => {
    held = { x: event.clientX, y: event.clientY, view: { x: view.x, y: view.y }, moved: false };
    if (view.zoom > 1) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) {
      if (event.pointerType !== "touch") point(dotAt(event));
      return;
    }
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    if (Math.hypot(dx, dy) > 6) held.moved = true;
    if (held.moved && view.zoom > 1) moveTo(held.view.x - dx / view.zoom, held.view.y - dy / view.zoom);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (held && !held.moved) keep(dotAt(event));
    held = null;
  });
  canvas.addEventListener("pointercancel", () => { held = null; });
  canvas.addEventListener("pointerleave", () => { if (!held) point(null); });

  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrows[event.key]) keep(next(...arrows[event.key]));
    else if (event.key === "Enter" || event.key === " ") keep(typeof marked === "number" ? marked : 0);
    else if (event.key === "Escape") keep(null);
    else if (event.key === "+" || event.key === "=") zoomBy(1.6, spotOf(marked));
    else if (event.key === "-") zoomBy(1 / 1.6);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(() => { if (layer && canvas.clientWidth !== view.width) layout(); }).observe(canvas);

  return {
    draw: () => draw(),
    zoomBy,
    // Shows a layer in the same view. layers: all that may be shown.
    show(shown, layers) {
      layer = shown;
      marked = null;
      const ends = (axis) => layers.reduce(([low, high], each) => [each[axis].reduce((a, b) => Math.min(a, b), low), each[axis].reduce((a, b) => Math.max(a, b), high)], [Infinity, -Infinity]);
      const [[left, right], [top, bottom]] = [ends("x"), ends("y")];
      frame = { left, right, top, bottom };
      layout();
    },
    // Marks a dot, or a place {x, y} of the plane; null for none.
    mark(what) {
      marked = what;
      const spot = spotOf(what);
      if (spot && view.zoom > 1) {
        const { x, y } = onScreen(spot);
        if (x < 20 || y < 20 || x > view.width - 20 || y > view.height - 20) zoomBy(1, spot);
      }
      draw(false);
    },
    // Where a dot is on the canvas, for pointing at it.
    place: (i) => onScreen(dot(i)),
    // What was last painted: labels as boxes, and how many dots there are.
    painted: () => ({ labels: placed, dots: layer.count, width: view.width, height: view.height }),
  };
}

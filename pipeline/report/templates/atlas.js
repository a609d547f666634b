"use strict";
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

// The map of the topics, data.map: {x, y, region, regions}, x and y in 0..10000. point(sign or null) is called while one
// is pointed at, keep(sign or null) when one is chosen. dimmed(sign) says whether a sign steps back.
function makeAtlas(canvas, data, { point, keep, dimmed }) {
  const { map } = data;
  const view = { zoom: 1, x: 0, y: 0, width: 0, height: 0 };
  let spots = []; // of each sign: position on the unzoomed canvas and radius
  let labels = [];
  let marked = null;
  let waiting = 0;

  function layout() {
    view.width = canvas.clientWidth;
    view.height = Math.round(Math.max(300, Math.min(560, view.width * 0.8)));
    canvas.style.height = view.height + "px";
    const count = map.x.length;
    const largest = Math.max(4, Math.min(24, view.width / 20, 0.3 * Math.sqrt((view.width * view.height) / count)));
    const edge = largest + 22;
    const [left, right] = [Math.min(...map.x), Math.max(...map.x)];
    const [top, bottom] = [Math.min(...map.y), Math.max(...map.y)];
    const scale = Math.min((view.width - 2 * edge) / (right - left || 1), (view.height - 2 * edge) / (bottom - top || 1));
    const most = Math.max(1, ...map.x.map((_, i) => data.counts[i]));
    spots = map.x.map((x, i) => ({
      x: view.width / 2 + (x - (left + right) / 2) * scale,
      y: view.height / 2 + (map.y[i] - (top + bottom) / 2) * scale,
      r: Math.max(2, largest * Math.sqrt(data.counts[i] / most)),
    }));
    // few signs: the name goes below them; many: amid them
    labels = map.regions.map((region, r) => {
      const mine = spots.filter((_, i) => map.region[i] === r);
      const middle = (key) => mine.map((spot) => spot[key]).sort((a, b) => a - b)[mine.length >> 1];
      const below = Math.max(...mine.map((spot) => spot.y + spot.r)) + 11;
      return mine.length ? { text: regionName(region, 2), x: middle("x"), y: count > 60 ? middle("y") : below } : null;
    }).filter(Boolean);
    draw();
  }

  const onScreen = (spot) => ({
    x: (spot.x - view.x) * view.zoom,
    y: (spot.y - view.y) * view.zoom,
    r: spot.r * Math.sqrt(view.zoom),
  });

  function draw() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(paint);
  }

  function paint() {
    const context = sized(canvas, view.width, view.height);
    const ink = theme("--ink");
    context.textAlign = "center";
    context.textBaseline = "middle";
    // small ones last, so that none is hidden under a large one
    const order = spots.map((_, i) => i).sort((a, b) => spots[b].r - spots[a].r);
    for (const i of order) {
      const { x, y, r } = onScreen(spots[i]);
      if (x < -r || y < -r || x > view.width + r || y > view.height + r) continue;
      context.globalAlpha = dimmed(i) ? 0.13 : 1;
      context.beginPath();
      context.arc(x, y, r, 0, 7);
      context.fillStyle = colour(map.region[i]);
      context.fill();
      context.lineWidth = r > 4 ? 1 : 0.5;
      context.strokeStyle = "rgba(0, 0, 0, .55)";
      context.stroke();
      if (r >= 9) {
        context.font = `${Math.round(r * 1.15)}px ${GLYPHS}`;
        context.fillStyle = "#16181c";
        context.fillText(data.glyphs[i], x, y);
      }
    }
    context.globalAlpha = 1;
    if (view.zoom < 2.5) paintLabels(context, ink);
    if (marked !== null && spots[marked]) {
      const { x, y, r } = onScreen(spots[marked]);
      context.beginPath();
      context.arc(x, y, r + 4, 0, 7);
      context.lineWidth = 3;
      context.strokeStyle = ink;
      context.stroke();
    }
  }

  function paintLabels(context, ink) {
    context.font = `600 ${view.width < 500 ? 12 : 14}px ${theme("--sans")}`;
    context.lineJoin = "round";
    const taken = [];
    for (const label of labels) {
      const place = onScreen({ ...label, r: 0 });
      const half = context.measureText(label.text).width / 2 + 4;
      const x = Math.max(half, Math.min(view.width - half, place.x));
      let y = Math.max(12, Math.min(view.height - 12, place.y));
      for (let tries = 0; tries < 12; tries++) {
        if (!taken.some((t) => Math.abs(t.y - y) < 19 && Math.abs(t.x - x) < t.half + half)) break;
        y = y + 19 > view.height - 12 ? 12 : y + 19;
      }
      taken.push({ x, y, half });
      context.lineWidth = 5;
      context.strokeStyle = theme("--paper");
      context.strokeText(label.text, x, y);
      context.fillStyle = ink;
      context.fillText(label.text, x, y);
    }
  }

  function signAt(event) {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let [best, nearest] = [null, event.pointerType === "touch" ? 22 : 9];
    spots.forEach((spot, i) => {
      const at = onScreen(spot);
      const away = Math.hypot(at.x - x, at.y - y) - at.r;
      // inside overlapping circles the one with the nearest centre counts
      const rank = away < 0 ? Math.hypot(at.x - x, at.y - y) / at.r - 1 : away;
      if (rank < nearest && !dimmed(i)) [best, nearest] = [i, rank];
    });
    return best;
  }

  function zoomBy(factor, middle) {
    const zoom = Math.max(1, Math.min(16, view.zoom * factor));
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

  // The sign that lies next in a direction: near, and straight ahead rather than aside.
  function next(dx, dy) {
    const from = marked === null ? null : spots[marked];
    if (!from) return 0;
    let [best, least] = [marked, Infinity];
    spots.forEach((spot, i) => {
      const ahead = (spot.x - from.x) * dx + (spot.y - from.y) * dy;
      const aside = Math.abs((spot.x - from.x) * dy - (spot.y - from.y) * dx);
      if (ahead > 0 && ahead + 2 * aside < least && !dimmed(i)) [best, least] = [i, ahead + 2 * aside];
    });
    return best;
  }

  let held = null; // where a press began, and where the view was
  canvas.addEventListener("pointerdown", (event) => {
    held = { x: event.clientX, y: event.clientY, view: { x: view.x, y: view.y }, moved: false };
    if (view.zoom > 1) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) {
      if (event.pointerType !== "touch") point(signAt(event));
      return;
    }
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    if (Math.hypot(dx, dy) > 6) held.moved = true;
    if (held.moved && view.zoom > 1) moveTo(held.view.x - dx / view.zoom, held.view.y - dy / view.zoom);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (held && !held.moved) keep(signAt(event));
    held = null;
  });
  canvas.addEventListener("pointercancel", () => { held = null; });
  canvas.addEventListener("pointerleave", () => { if (!held) point(null); });

  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrows[event.key]) keep(next(...arrows[event.key]));
    else if (event.key === "Enter" || event.key === " ") keep(marked === null ? 0 : marked);
    else if (event.key === "Escape") keep(null);
    else if (event.key === "+" || event.key === "=") zoomBy(1.6, marked === null ? null : spots[marked]);
    else if (event.key === "-") zoomBy(1 / 1.6);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(() => { if (canvas.clientWidth !== view.width) layout(); }).observe(canvas);

  return {
    draw,
    zoomBy,
    show() { marked = null; view.zoom = 1; zoomBy(1); layout(); },
    mark(sign) {
      marked = sign;
      const spot = sign === null ? null : spots[sign];
      if (spot && view.zoom > 1) {
        const { x, y } = onScreen(spot);
        if (x < 20 || y < 20 || x > view.width - 20 || y > view.height - 20) zoomBy(1, spot);
      }
      draw();
    },
    // Where a sign is on the page, for tests and for pointing at it.
    place(sign) { return onScreen(spots[sign]); },
  };
}

// What a region is called: its words in English where it has them, else in the language it has most of.
function regionName(region, count) {
  const [first] = Object.keys(region.words);
  return (region.words.en || region.words[first] || []).slice(0, count).join(" · ");
}

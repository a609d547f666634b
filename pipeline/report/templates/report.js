// Everything that comes from books is set as text, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);

function element(tag, fields, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(fields || {})) made[name] = value;
  made.append(...children);
  return made;
}

const state = { layer: "topics", kept: null, dot: null, region: null, found: null, foundScenes: null };
const regionOf = (sign) => data.map.region[sign];
const signOf = (book, scene) => book.signs[scene * data.levels];
const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

function wordsOf(words) {
  return Object.entries(words).flatMap(([code, words]) => [
    element("abbr", { title: data.languages[code], textContent: code }),
    element("b", { lang: code, textContent: words }),
  ]);
}

const undrawn = new Set(data.undrawn);

// A glyph as it is shown: with its number below it where this page's font doesn't draw it, as others may not either.
function drawn(glyph, number) {
  return undrawn.has(glyph)
    ? element("span", { className: "numbered" }, glyph, element("small", { textContent: number }))
    : element("span", { textContent: glyph });
}

// A topic's name; one without words is told by the nearest that has some.
function named(sign) {
  if (data.names[sign]) return [element("b", { textContent: data.names[sign] })];
  return data.akin[sign] < 0 ? ["no words"] : ["no words of its own; near ", element("b", { textContent: data.names[data.akin[sign]] })];
}

function head(sign) {
  const spoken = Object.entries(data.spoken[sign]).map(([code, count]) => `${code} ${count.toLocaleString("en")}`);
  return element("div", { className: "head" },
    element("span", { className: "big" }, drawn(data.glyphs[sign], sign)),
    element("p", { className: "meta" },
      ...named(sign), element("br"), `topic ${sign} · ${plural(data.counts[sign], "scene")} in ${plural(data.books[sign], "book")}`,
      ...(spoken.length ? [`: ${spoken.join(", ")}`] : [])));
}

function showSign(sign) {
  if (sign === null) {
    by("sign").replaceChildren(element("p", { className: "hint", textContent: "Choose a topic to see what it means." }));
    return;
  }
  const examples = data.examples[sign].map(([code, title, scene, text]) =>
    element("blockquote", { lang: code }, text + " ",
      element("cite", { textContent: data.titles[title] && `${data.titles[title]}, scene ${scene + 1}` })));
  const near = data.near[sign].map((other) =>
    element("button", { type: "button", title: data.names[other], ariaLabel: `Topic ${other}, ${data.names[other]}`, onclick: () => keep(other) }, drawn(data.glyphs[other], other)));
  by("sign").replaceChildren(head(sign), element("div", { className: "words" }, ...wordsOf(data.words[sign])), ...examples.slice(0, 3));
  if (examples.length > 3) {
    by("sign").append(element("details", {}, element("summary", { textContent: "More scenes" }), ...examples.slice(3)));
  }
  if (near.length) by("sign").append(element("div", { className: "near" }, element("span", { className: "meta", textContent: "near" }), ...near));
}

// What the letters of a scene's composed glyphs say, level by level: their names, and their words when asked.
function lettersOf(book, scene) {
  const glyphs = [...book.glyphs].slice(scene * data.levels, (scene + 1) * data.levels);
  return glyphs.slice(1).flatMap((glyph, level) => {
    const code = book.signs[scene * data.levels + level + 1] - data.glyphs.length - 4096 * level;
    const letters = [code >> 8, (code >> 4) & 15, code & 15].map((value, letter) =>
      ({ value, part: ["lead", "vowel", "tail"][letter], ...data.letters[(3 * level + letter) * 16 + value] }));
    const names = letters.map(({ name }) => name).filter(Boolean).join(" · ");
    const said = letters.flatMap(({ value, part, name, words }) => [
      element("span", { className: "meta", textContent: `${part} ${value} ${name}` }),
      element("div", { className: "words" }, ...wordsOf(words))]);
    return [
      element("div", { className: "head" }, element("span", { className: "big" }, drawn(glyph, code)), element("p", { className: "meta", textContent: names })),
      element("details", { className: "letters" }, element("summary", { textContent: `Words of glyph ${level + 2}` }), ...said)];
  });
}

const score = makeScore(by("score"), { pick: (scene) => strip.pick(scene) });

function showScene(book, scene) {
  const topic = signOf(book, scene);
  const about = [`scene ${scene + 1} of ${book.scenes.toLocaleString("en")}`, plural(book.lengths[scene], "character")];
  if (book.novel.includes(scene)) about.push("unlike all that the script was made from");
  const title = chapterAt(book, scene)?.title;
  const who = score.names(book, scene);
  score.mark(scene);
  by("scene").replaceChildren(
    element("p", { className: "meta", textContent: about.join(" · ") }),
    ...(title ? [element("p", { className: "where", lang: book.language, textContent: title })] : []),
    ...(who.length ? [element("p", { className: "who", lang: book.language, textContent: who.join(", ") })] : []),
    element("blockquote", { lang: book.language, textContent: book.openings[scene] }),
    head(topic), element("div", { className: "words" }, ...wordsOf(data.words[topic])), ...lettersOf(book, scene));
}

const scatter = readScatter(data);
const outside = (region) => state.region !== null && region !== state.region;
const mostScenes = Math.max(1, ...data.counts);
const layers = {
  topics: {
    count: data.glyphs.length, x: data.map.x, y: data.map.y, region: regionOf, glyph: (sign) => data.glyphs[sign],
    size: (sign) => data.counts[sign] / mostScenes,
    dimmed: (sign) => outside(regionOf(sign)) || (state.found !== null && !state.found.has(sign)),
    point: (sign) => { atlas.mark(sign === null ? state.kept : sign); showSign(sign === null ? state.kept : sign); },
    keep: (sign) => keep(sign),
  },
  ...(scatter && { scenes: {
    count: scatter.count, x: scatter.x, y: scatter.y, region: (i) => regionOf(scatter.topic[i]), glyph: () => null, size: null,
    dimmed: (i) => outside(regionOf(scatter.topic[i])) || (state.foundScenes !== null && !state.foundScenes.has(i)),
    point: (i) => { atlas.mark(i === null ? state.dot : i); showDot(i === null ? state.dot : i); },
    keep: (i) => {
      state.dot = i;
      state.kept = i === null ? null : scatter.topic[i];
      atlas.mark(i);
      showDot(i);
      if (data.strips.length) strip.highlight({ sign: state.kept, region: state.region });
    },
  } }),
};
const atlas = makeAtlas(by("map"), data.map.regions, { point: (i) => layers[state.layer].point(i), keep: (i) => layers[state.layer].keep(i) });

// The card of a scene on the map.
function showDot(i) {
  if (i === null && state.kept !== null) return showSign(state.kept);
  if (i === null) return by("sign").replaceChildren(element("p", { className: "hint", textContent: "Choose a scene to see how it begins." }));
  const [lang, topic, chapter, book] = [scatter.language(i), scatter.topic[i], scatter.chapter(i), scatter.strip(i)];
  const open = book && element("button", { type: "button", textContent: "Show it in its book", onclick: () => { strip.go(book, scatter.scene[i]); by("life").scrollIntoView(); } });
  by("sign").replaceChildren(
    element("p", { className: "who", lang, textContent: scatter.title(i) }),
    element("p", { className: "meta" }, ...(scatter.author(i) ? [scatter.author(i), " · "] : []), `scene ${scatter.scene[i] + 1}`, ...(chapter ? [element("br"), element("span", { lang, textContent: chapter })] : [])),
    element("blockquote", { lang, textContent: scatter.opening(i) }),
    ...(book ? [element("p", { className: "glyphs" }, ...scatter.glyphs(i).map((glyph) => drawn(glyph, "")))] : []),
    head(topic), ...(open ? [open] : []));
}

function showLayer(name) {
  state.layer = name;
  state.dot = null;
  document.querySelectorAll("[data-layer]").forEach((button) => { button.ariaPressed = String(button.dataset.layer === name); });
  document.querySelectorAll("[data-of]").forEach((text) => { text.hidden = text.dataset.of !== name; });
  atlas.show(layers[name], Object.values(layers));
  atlas.mark(spotOf(state.kept));
  if (name === "scenes") showDot(null);
  else showSign(state.kept);
  find();
}

// What to mark for a topic: its dot, or its place among scenes.
const spotOf = (sign) => (sign === null || state.layer === "topics" ? sign : { x: data.map.x[sign], y: data.map.y[sign] });

const strip = makeStrip({ select: by("book"), chapter: by("chapter"), chapters: by("chapters"), ribbons: by("ribbons"), cells: by("cells") }, data.strips, {
  regionOf, signOf, glyph: (sign) => drawn(data.glyphs[sign], sign), name: (sign) => data.names[sign] || `topic ${sign}`, opened: (book) => score.open(book),
  choose: (book, scene, passing) => {
    showScene(book, scene);
    if (!passing) keep(signOf(book, scene));
  },
});

if (data.strips.length) {
  makeSearch({ input: by("search"), results: by("results"), said: by("searched") }, data, {
    topicOf: signOf, named: score.names, glyph: (sign) => drawn(data.glyphs[sign], sign),
    open: (book, scene) => { strip.go(book, scene); by("life").scrollIntoView(); },
  });
}

function keep(sign) {
  state.kept = sign;
  state.dot = null;
  atlas.mark(spotOf(sign));
  showSign(sign);
  if (data.strips.length) strip.highlight({ sign, region: state.region });
}

function showMap() {
  by("legend").replaceChildren(...data.map.regions.flatMap((region, r) => {
    if (!region.name) return [];
    const swatch = element("span", { className: "swatch" });
    swatch.style.background = colour(r);
    const spoken = Object.entries(region.scenes).map(([code, count]) => `${data.languages[code] || code}: ${plural(count, "scene")}`);
    const button = element("button", { type: "button", ariaPressed: "false", title: spoken.join(", ") }, swatch, region.name);
    button.dataset.region = r;
    button.addEventListener("click", () => showRegion(state.region === r ? null : r));
    return button;
  }));
  showLayer("topics");
  if (data.strips.length) strip.highlight({ sign: null, region: null });
}

function showRegion(region) {
  state.region = region;
  [...by("legend").children].forEach((button) => { button.ariaPressed = String(Number(button.dataset.region) === region); });
  atlas.draw();
  if (data.strips.length) strip.highlight({ sign: state.kept, region });
}

function find() {
  const wanted = by("find").value.trim().toLowerCase();
  state.found = null;
  if (wanted) {
    const matches = (sign) => data.glyphs[sign] === wanted || data.names[sign].toLowerCase().includes(wanted) || Object.values(data.words[sign]).some((words) => words.includes(wanted))
      || data.examples[sign].some(([, , , text]) => text.toLowerCase().includes(wanted));
    state.found = new Set(data.glyphs.map((_, sign) => sign).filter(matches));
  }
  state.foundScenes = null;
  if (wanted && state.layer === "scenes") {
    state.foundScenes = new Set();
    for (let i = 0; i < scatter.count; i++) {
      if (state.found.has(scatter.topic[i]) || scatter.title(i).toLowerCase().includes(wanted) || scatter.opening(i).toLowerCase().includes(wanted)) state.foundScenes.add(i);
    }
  }
  by("found").textContent = state.found === null ? "" : state.foundScenes ? plural(state.foundScenes.size, "scene") : plural(state.found.size, "topic");
  atlas.draw();
}

by("find").addEventListener("input", find);
by("find").addEventListener("keydown", (event) => {
  const found = state.foundScenes || state.found;
  if (event.key === "Enter" && found && found.size) layers[state.layer].keep([...found].reduce((a, b) => Math.min(a, b)));
});
by("closer").addEventListener("click", () => atlas.zoomBy(1.6));
by("farther").addEventListener("click", () => atlas.zoomBy(1 / 1.6));
by("whole").addEventListener("click", () => atlas.zoomBy(0));
document.querySelectorAll("[data-layer]").forEach((button) => button.addEventListener("click", () => showLayer(button.dataset.layer)));
document.querySelectorAll("[data-sign]").forEach((button) => button.addEventListener("click", () => {
  if (state.layer !== "topics") showLayer("topics");
  keep(Number(button.dataset.sign));
  by("atlas").scrollIntoView();
  by("map").focus({ preventScroll: true });
}));

const dark = matchMedia("(prefers-color-scheme: dark)");
function isDark() { return (document.documentElement.dataset.theme || (dark.matches ? "dark" : "light")) === "dark"; }
function repaint() {
  by("theme").textContent = isDark() ? "Light" : "Dark";
  by("theme").ariaLabel = `Switch to ${isDark() ? "light" : "dark"} colours`;
  atlas.draw();
  if (data.strips.length) [strip, score].forEach((drawn) => drawn.repaint());
}
by("theme").addEventListener("click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; repaint(); });
dark.addEventListener("change", repaint);

by("book").append(...data.strips.map((book, i) => element("option", {
  value: String(i), textContent: `${book.language} · ${book.title}${book.author ? ` (${book.author})` : ""}, ${plural(book.scenes, "scene")}`,
})));
if (data.strips.length) strip.open(0);
showMap();
if (data.strips.length) showScene(data.strips[0], 0);
repaint();
document.fonts.ready.then(repaint); // a canvas draws with a font only once it is there

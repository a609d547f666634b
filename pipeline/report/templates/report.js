// Everything that comes from books is set as text, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);

function element(tag, fields, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(fields || {})) made[name] = value;
  made.append(...children);
  return made;
}

const state = { kept: null, region: null, found: null };
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

function head(sign) {
  const spoken = Object.entries(data.spoken[sign]).map(([code, count]) => `${code} ${count.toLocaleString("en")}`);
  return element("div", { className: "head" },
    element("span", { className: "big" }, drawn(data.glyphs[sign], sign)),
    element("p", { className: "meta" },
      ...(data.names[sign] ? [element("b", { textContent: data.names[sign] }), element("br")] : []), `topic ${sign} · ${plural(data.counts[sign], "scene")} in ${plural(data.books[sign], "book")}`,
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
  const title = chapterAt(book, scene).title;
  const who = score.names(book, scene);
  score.mark(scene);
  by("scene").replaceChildren(
    element("p", { className: "meta", textContent: about.join(" · ") }),
    ...(title ? [element("p", { className: "where", lang: book.language, textContent: title })] : []),
    ...(who.length ? [element("p", { className: "who", lang: book.language, textContent: who.join(", ") })] : []),
    element("blockquote", { lang: book.language, textContent: book.openings[scene] }),
    head(topic), element("div", { className: "words" }, ...wordsOf(data.words[topic])), ...lettersOf(book, scene));
}

const atlas = makeAtlas(by("map"), data, {
  point: (sign) => { atlas.mark(sign === null ? state.kept : sign); showSign(sign === null ? state.kept : sign); },
  keep,
  dimmed: (sign) => (state.region !== null && regionOf(sign) !== state.region) || (state.found !== null && !state.found.has(sign)),
});

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
  atlas.mark(sign);
  showSign(sign);
  if (data.strips.length) strip.highlight({ sign, region: state.region });
}

function showMap() {
  by("legend").replaceChildren(...data.map.regions.map((region, r) => {
    const swatch = element("span", { className: "swatch" });
    swatch.style.background = colour(r);
    const spoken = Object.entries(region.scenes).map(([code, count]) => `${data.languages[code] || code}: ${plural(count, "scene")}`);
    const button = element("button", { type: "button", ariaPressed: "false", title: spoken.join(", ") }, swatch, regionName(region, 3));
    button.addEventListener("click", () => showRegion(state.region === r ? null : r));
    return button;
  }));
  atlas.show();
  showSign(null);
  if (data.strips.length) strip.highlight({ sign: null, region: null });
}

function showRegion(region) {
  state.region = region;
  [...by("legend").children].forEach((button, r) => { button.ariaPressed = String(r === region); });
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
  by("found").textContent = state.found === null ? "" : plural(state.found.size, "sign");
  atlas.draw();
}

by("find").addEventListener("input", find);
by("find").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && state.found && state.found.size) keep(Math.min(...state.found));
});
by("closer").addEventListener("click", () => atlas.zoomBy(1.6));
by("farther").addEventListener("click", () => atlas.zoomBy(1 / 1.6));
by("whole").addEventListener("click", () => atlas.zoomBy(0));
document.querySelectorAll("[data-sign]").forEach((button) => button.addEventListener("click", () => {
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

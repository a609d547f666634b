// Scenes by their words. A scene is found when each word that is asked for is in its opening, in the names of its cast, in
// its topic's name or words, in the titles of its chapter and book, or is a glyph of it.
const MOST_FOUND = 50;

// Words as they are compared: without case, accents and punctuation. A space before and after each.
function folded(text) {
  const bare = text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").normalize("NFC").toLowerCase();
  return ` ${bare.replace(/[^\p{L}\p{N}\p{M}]+/gu, " ").trim()} `;
}

// open(book, scene) is called when one of the results is chosen. data.strips: the books; data.scenes: how many scenes the
// dataset has; topicOf(book, scene), named(book, scene): its topic and its cast; glyph(sign): an element.
function makeSearch({ input, results, said }, data, { open, topicOf, named, glyph }) {
  let index = null; // made when it is asked for the first time
  let found = [];
  let active = -1;

  const all = data.strips.reduce((sum, book) => sum + book.openings.length, 0);
  const count = (number) => number.toLocaleString("en");
  const about = () => `Looks through ${all < data.scenes ? `${count(all)} of ` : ""}${count(data.scenes)} scenes: how they begin, their topics, chapters and cast.`;

  // What each scene is found by, best first, in step with the weights.
  const WEIGHTS = [5, 4, 3, 2, 1];
  function makeIndex() {
    const topics = data.names.map((name, sign) => [name, ...Object.values(data.words[sign])].join(" "));
    return data.strips.flatMap((book) => {
      const glyphs = [...book.glyphs];
      const title = folded(`${book.title} ${book.author}`);
      return book.openings.map((opening, scene) => ({
        book, scene,
        said: [
          ` ${glyphs.slice(scene * data.levels, (scene + 1) * data.levels).join(" ")} `,
          folded(named(book, scene).join(" ")),
          folded(opening),
          folded(`${topics[topicOf(book, scene)]} ${chapterAt(book, scene)?.title || ""}`),
          title,
        ],
      }));
    });
  }

  // 0 when a word is nowhere in a scene; more where it says more of it, and where it begins a word. A whole word, wherever
  // it is, comes before a part of one: who asks for tea doesn't want tears.
  function rank(said, words) {
    let sum = 0;
    for (const word of words) {
      let best = 0;
      said.forEach((text, i) => {
        if (!text.includes(word)) return;
        const how = text.includes(` ${word} `) ? WEIGHTS[0] : text.includes(` ${word}`) ? 0.5 : 0;
        best = Math.max(best, WEIGHTS[i] + how);
      });
      if (!best) return 0;
      sum += best;
    }
    return sum;
  }

  function look() {
    const words = folded(input.value).trim().split(" ").filter(Boolean);
    if (!words.length) return close(about());
    index ||= makeIndex();
    const ranked = index.map((entry, at) => ({ ...entry, at, rank: rank(entry.said, words) })).filter((entry) => entry.rank);
    ranked.sort((a, b) => b.rank - a.rank || a.at - b.at);
    found = ranked.slice(0, MOST_FOUND);
    results.replaceChildren(...found.map((entry, i) => row(entry, i, words)));
    results.scrollTop = 0;
    active = -1;
    const more = ranked.length > found.length ? `; the best ${MOST_FOUND} are shown` : "";
    said.textContent = `${ranked.length ? count(ranked.length) : "None"} of ${count(all)} scenes${all < data.scenes ? " on this page" : ""} found${more}.`;
    show(found.length > 0);
    mark(-1);
  }

  function row({ book, scene }, i, words) {
    const topic = topicOf(book, scene);
    const where = [book.title, chapterAt(book, scene)?.title, `scene ${scene + 1}`].filter(Boolean).join(" · ");
    const option = element("div", { className: "result", id: `result-${i}`, role: "option", ariaSelected: "false" },
      element("span", { className: "chip" }, glyph(topic)),
      element("div", {},
        element("p", { className: "where" }, element("b", { textContent: data.names[topic] || `topic ${topic}` }), ` ${where}`),
        element("p", { className: "said", lang: book.language }, ...marked(book.openings[scene], words)),
        ...(named(book, scene).length ? [element("p", { className: "cast", lang: book.language, textContent: named(book, scene).join(", ") })] : [])));
    option.querySelector(".chip").style.background = colour(data.map.region[topic]);
    option.addEventListener("click", () => choose(i));
    return option;
  }

  // The text with the words that were asked for brought out, where they are written alike.
  function marked(text, words) {
    const wanted = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "giu");
    return text.split(wanted).map((piece, i) => (i % 2 ? element("mark", { textContent: piece }) : piece));
  }

  function show(whether) {
    results.hidden = !whether;
    input.ariaExpanded = String(whether);
  }

  function close(told) {
    show(false);
    mark(-1);
    if (told) said.textContent = told;
  }

  function mark(next) {
    results.children[active]?.setAttribute("aria-selected", "false");
    active = next;
    const option = results.children[active];
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  function choose(i) {
    const { book, scene } = found[i];
    close();
    open(book, scene);
  }

  input.addEventListener("input", look);
  input.addEventListener("focus", () => { if (input.value.trim() && results.hidden) look(); });
  input.addEventListener("blur", () => close());
  results.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = results.children.length - 1;
    if (event.key === "Escape" && !results.hidden) close();
    else if (event.key === "Enter" && !results.hidden) choose(Math.max(0, active));
    else if (event.key === "ArrowDown" && !results.hidden) mark(active < last ? active + 1 : 0);
    else if (event.key === "ArrowUp" && !results.hidden) mark(active > 0 ? active - 1 : last);
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
  said.textContent = about();
}

// Scenes of a book whose cells have room for the names of their topics.
const MOST_NAMED = 60;

// A book as its chapters, as a ribbon (a band per scene, as wide as it is long) and as cells (a scene each, with its glyph).
// Books that are translations of the chosen one have ribbons below it. choose(scene) is called when a scene is chosen,
// opened(book) when a book is; regionOf(sign), signOf(book, scene) give what the atlas shows of it; glyph(sign) an element and
// name(sign) a text to show of it.
function makeStrip({ select, chapter, chapters, ribbons, cells }, books, { choose, opened, regionOf, signOf, glyph, name }) {
  let book = null;
  let chosen = null;
  let look = { sign: null, region: null };
  let boxes = []; // of each scene its cell

  const steppedBack = (sign) => look.region !== null && regionOf(sign) !== look.region;

  function open(index) {
    book = books[index];
    select.value = String(index);
    chosen = null;
    drawCells();
    drawChapters();
    ribbons.replaceChildren(...[book, ...books.filter((b) => b !== book && b.work && b.work === book.work)].map(ribbonOf));
    drawRibbons();
    opened(book);
  }

  function drawCells() {
    const novel = new Set(book.novel);
    boxes = book.openings.map((_, scene) => {
      const cell = document.createElement("div");
      cell.className = "cell";
      cell.setAttribute("role", "option");
      cell.setAttribute("aria-selected", "false");
      cell.tabIndex = scene === 0 ? 0 : -1;
      cell.dataset.scene = scene;
      cell.classList.toggle("novel", novel.has(scene));
      return cell;
    });
    const parts = chaptersOf(book);
    cells.replaceChildren(...parts.map(({ first, title }, i) => {
      const part = document.createElement("div");
      part.className = "part";
      part.setAttribute("role", "group");
      part.setAttribute("aria-label", title || book.title);
      if (parts.length > 1) {
        const heading = document.createElement("p");
        heading.textContent = heading.title = title;
        heading.lang = book.language;
        heading.setAttribute("aria-hidden", "true");
        part.append(heading);
      }
      const scenes = document.createElement("div");
      scenes.append(...boxes.slice(first, parts[i + 1]?.first));
      part.append(scenes);
      return part;
    }));
    const roomy = boxes.length <= MOST_NAMED;
    cells.classList.toggle("roomy", roomy);
    boxes.forEach((cell, scene) => {
      const sign = signOf(book, scene);
      cell.replaceChildren(glyph(sign));
      if (roomy) cell.append(Object.assign(document.createElement("small"), { textContent: name(sign) }));
    });
    paintCells();
  }

  function paintCells() {
    boxes.forEach((cell, scene) => {
      const sign = signOf(book, scene);
      cell.style.background = colour(regionOf(sign));
      cell.title = name(sign);
      cell.setAttribute("aria-label", `scene ${scene + 1}, topic ${sign}, ${name(sign)}`);
      cell.classList.toggle("same", sign === look.sign);
      cell.classList.toggle("dim", steppedBack(sign));
    });
  }

  function drawChapters() {
    const parts = chaptersOf(book);
    const sum = (lengths) => lengths.reduce((a, b) => a + b, 0) || 1;
    chapter.parentElement.hidden = chapters.hidden = parts.length < 2;
    chapter.replaceChildren(...parts.map(({ first, title }) => new Option(title, String(first))));
    chapters.replaceChildren(...parts.map(({ first, title }, i) => {
      const label = document.createElement("span");
      label.title = title;
      label.lang = book.language;
      label.style.width = `${(100 * sum(book.lengths.slice(first, parts[i + 1]?.first))) / sum(book.lengths)}%`;
      label.addEventListener("click", () => pick(first));
      return label;
    }));
    nameChapters();
  }

  // Names where most of them have room for a word, else numbers, and neither where there is none.
  function nameChapters() {
    if (book === null || chapters.hidden) return;
    const parts = chaptersOf(book);
    const widths = [...chapters.children].map((label) => label.clientWidth);
    const named = [...widths].sort((a, b) => a - b)[widths.length >> 1] >= 90;
    [...chapters.children].forEach((label, i) => {
      label.textContent = widths[i] < 20 ? "" : named && widths[i] >= 40 ? parts[i].title.split(" · ").pop() : i + 1;
    });
  }

  function ribbonOf(other) {
    const row = document.createElement("div");
    row.className = "ribbon";
    const code = document.createElement("abbr");
    code.textContent = other.language;
    code.title = `${other.title} (${other.source})`;
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${other.title}, ${other.language}: ${other.scenes} scenes as bands of colour`);
    canvas.addEventListener("click", (event) => {
      const box = canvas.getBoundingClientRect();
      const at = ((event.clientX - box.left) / box.width) * other.lengths.reduce((a, b) => a + b, 0);
      let [scene, end] = [0, other.lengths[0]];
      while (end < at && scene < other.lengths.length - 1) end += other.lengths[++scene];
      if (other !== book) open(books.indexOf(other));
      pick(scene);
    });
    row.append(code, canvas);
    return row;
  }

  function drawRibbons() {
    const rows = [book, ...books.filter((b) => b !== book && b.work && b.work === book.work)];
    [...ribbons.querySelectorAll("canvas")].forEach((canvas, i) => drawRibbon(canvas, rows[i]));
  }

  function drawRibbon(canvas, other) {
    const [width, height] = [canvas.clientWidth, canvas.clientHeight - 7];
    const context = sized(canvas, width, canvas.clientHeight);
    const ink = theme("--ink");
    const total = other.lengths.reduce((a, b) => a + b, 0) || 1;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `18px ${theme("--glyph")}`;
    let x = 0;
    other.lengths.forEach((length, scene) => {
      const sign = signOf(other, scene);
      const band = (length / total) * width;
      context.globalAlpha = steppedBack(sign) ? 0.2 : 1;
      context.fillStyle = colour(regionOf(sign));
      context.fillRect(x, 0, band + 0.3, height);
      context.fillStyle = "#16181c";
      if (band > 17) context.fillText(glyph(sign).textContent, x + band / 2, height / 2 + 1, band - 2);
      context.globalAlpha = 1;
      if (band > 5) context.fillRect(x, 0, 0.5, height);
      if (sign === look.sign) {
        context.fillStyle = ink;
        context.fillRect(x, height + 2, Math.max(2, band), 4);
      }
      if (other === book && scene === chosen) {
        context.lineWidth = 3;
        context.strokeStyle = "#16181c";
        context.strokeRect(x + 1.5, 1.5, Math.max(1, band - 3), height - 3);
      }
      x += band;
    });
  }

  function pick(scene, focus = false) {
    boxes[chosen]?.setAttribute("aria-selected", "false");
    boxes.filter((cell) => cell.tabIndex === 0).forEach((cell) => { cell.tabIndex = -1; });
    chosen = scene;
    const cell = boxes[scene];
    cell.setAttribute("aria-selected", "true");
    cell.tabIndex = 0;
    if (focus) cell.focus({ preventScroll: true });
    // inside the box only: the page stays where it is
    const [top, bottom] = [cell.offsetTop - cells.offsetTop, cell.offsetTop - cells.offsetTop + cell.offsetHeight];
    if (top < cells.scrollTop || bottom > cells.scrollTop + cells.clientHeight) cells.scrollTop = top - 40;
    chapter.value = String(chapterAt(book, scene)?.first);
    choose(book, scene);
  }

  // The scene in the row below (step 1) or above (-1) that is nearest to straight on; the same where there is no row.
  function inNextRow(scene, step) {
    const from = boxes[scene];
    let [best, down, aside] = [scene, Infinity, Infinity];
    boxes.forEach((cell, at) => {
      const [y, x] = [step * (cell.offsetTop - from.offsetTop), Math.abs(cell.offsetLeft - from.offsetLeft)];
      if (y > 0 && (y < down || (y === down && x < aside))) [best, down, aside] = [at, y, x];
    });
    return best;
  }

  const sceneOf = (event) => event.target.closest(".cell")?.dataset.scene;
  cells.addEventListener("click", (event) => { if (sceneOf(event)) pick(Number(sceneOf(event)), true); });
  cells.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch" && sceneOf(event)) choose(book, Number(sceneOf(event)), true);
  });
  cells.addEventListener("pointerleave", () => { if (chosen !== null) choose(book, chosen, true); });
  cells.addEventListener("keydown", (event) => {
    const at = Number(sceneOf(event) ?? 0);
    const last = boxes.length - 1;
    const moves = {
      ArrowLeft: () => Math.max(0, at - 1), ArrowRight: () => Math.min(last, at + 1),
      ArrowUp: () => inNextRow(at, -1), ArrowDown: () => inNextRow(at, 1), Home: () => 0, End: () => last,
      Enter: () => at, " ": () => at,
    };
    if (!moves[event.key]) return;
    pick(moves[event.key](), true);
    event.preventDefault();
  });
  select.addEventListener("change", () => { open(Number(select.value)); choose(book, 0, true); });
  chapter.addEventListener("change", () => pick(Number(chapter.value)));
  new ResizeObserver(() => { drawRibbons(); nameChapters(); }).observe(ribbons);

  return {
    open,
    pick,
    // The scene of a book, wherever the strip was; its cell is then where the keyboard is.
    go(other, scene) {
      if (other !== book) open(books.indexOf(other));
      pick(scene, true);
    },
    // look: {sign, region} to bring out in the book.
    highlight(next) { look = next; paintCells(); drawRibbons(); },
    repaint() { paintCells(); drawRibbons(); },
  };
}

// The chapters of a book in order: {first, title}, the first scene and what the chapter is called. The first begins with the
// book, which is all there is where there are no chapters.
function chaptersOf(book) {
  const firsts = book.chapters.map((first, i) => ({ first, title: book.headings[i] || `Chapter ${i + 1}` }));
  return firsts[0]?.first === 0 ? firsts : [{ first: 0, title: "" }, ...firsts];
}

// The chapter that a scene is in; null in a book that has no more than one.
function chapterAt(book, scene) {
  const parts = chaptersOf(book);
  return parts.length > 1 ? parts.findLast(({ first }) => first <= scene) : null;
}

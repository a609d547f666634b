// A book as a ribbon (a band per scene, as wide as it is long) and as cells (a scene each, with its glyph). Books that
// are translations of the chosen one have ribbons below it. choose(scene) is called when a scene is chosen, opened(book) when
// a book is, and
// regionOf(sign), signOf(book, scene) give what the atlas shows of it.
function makeStrip({ select, ribbons, cells }, books, { choose, opened, regionOf, signOf, glyphs }) {
  let book = null;
  let chosen = null;
  let look = { sign: null, region: null };

  const shown = () => book.openings.length;
  const steppedBack = (sign) => look.region !== null && regionOf(sign) !== look.region;

  function open(index) {
    book = books[index];
    select.value = String(index);
    chosen = null;
    drawCells();
    ribbons.replaceChildren(...[book, ...books.filter((b) => b !== book && b.work && b.work === book.work)].map(ribbonOf));
    drawRibbons();
    opened(book);
  }

  function drawCells() {
    cells.replaceChildren(...book.openings.map((_, scene) => {
      const cell = document.createElement("div");
      cell.className = "cell";
      cell.setAttribute("role", "option");
      cell.setAttribute("aria-selected", "false");
      cell.tabIndex = scene === 0 ? 0 : -1;
      cell.dataset.scene = scene;
      return cell;
    }));
    const [chapters, novel] = [new Set(book.chapters), new Set(book.novel)];
    [...cells.children].forEach((cell, scene) => {
      cell.classList.toggle("chapter", chapters.has(scene));
      cell.classList.toggle("novel", novel.has(scene));
    });
    paintCells();
  }

  function paintCells() {
    [...cells.children].forEach((cell, scene) => {
      const sign = signOf(book, scene);
      cell.textContent = glyphs[sign];
      cell.style.background = colour(regionOf(sign));
      cell.setAttribute("aria-label", `scene ${scene + 1}, sign ${sign}`);
      cell.classList.toggle("same", sign === look.sign);
      cell.classList.toggle("dim", steppedBack(sign));
    });
  }

  function ribbonOf(other) {
    const row = document.createElement("div");
    row.className = "ribbon";
    const name = document.createElement("abbr");
    name.textContent = other.language;
    name.title = `${other.title} (${other.source})`;
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
    row.append(name, canvas);
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
    let x = 0;
    other.lengths.forEach((length, scene) => {
      const sign = signOf(other, scene);
      const band = (length / total) * width;
      context.globalAlpha = steppedBack(sign) ? 0.2 : 1;
      context.fillStyle = colour(regionOf(sign));
      context.fillRect(x, 0, band + 0.3, height);
      context.globalAlpha = 1;
      context.fillStyle = "#16181c";
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
    const before = chosen === null ? null : cells.children[chosen];
    if (before) before.setAttribute("aria-selected", "false");
    [...cells.querySelectorAll('[tabindex="0"]')].forEach((cell) => { cell.tabIndex = -1; });
    chosen = scene;
    const cell = cells.children[scene];
    cell.setAttribute("aria-selected", "true");
    cell.tabIndex = 0;
    if (focus) cell.focus({ preventScroll: true });
    // inside the box only: the page stays where it is
    const [top, bottom] = [cell.offsetTop - cells.offsetTop, cell.offsetTop - cells.offsetTop + cell.offsetHeight];
    if (top < cells.scrollTop || bottom > cells.scrollTop + cells.clientHeight) cells.scrollTop = top - 40;
    choose(book, scene);
  }

  const sceneOf = (event) => event.target.closest(".cell")?.dataset.scene;
  cells.addEventListener("click", (event) => { if (sceneOf(event)) pick(Number(sceneOf(event)), true); });
  cells.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch" && sceneOf(event)) choose(book, Number(sceneOf(event)), true);
  });
  cells.addEventListener("pointerleave", () => { if (chosen !== null) choose(book, chosen, true); });
  cells.addEventListener("keydown", (event) => {
    const perRow = Math.max(1, Math.floor(cells.clientWidth / 33));
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow, ArrowDown: perRow, Home: -1e9, End: 1e9 };
    if (event.key === "Enter" || event.key === " ") pick(Number(sceneOf(event) ?? 0), true);
    else if (event.key in steps) {
      const at = Number(sceneOf(event) ?? 0);
      pick(Math.max(0, Math.min(shown() - 1, at + steps[event.key])), true);
    } else return;
    event.preventDefault();
  });
  select.addEventListener("change", () => { open(Number(select.value)); choose(book, 0, true); });
  new ResizeObserver(drawRibbons).observe(ribbons);

  return {
    open,
    pick,
    // look: {sign, region} to bring out in the book.
    highlight(next) { look = next; paintCells(); drawRibbons(); },
    repaint() { paintCells(); drawRibbons(); },
  };
}

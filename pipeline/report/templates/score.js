// The cast of a book as a score: a line per member, a bar where a scene names it, in step with the ribbon above.
// pick(scene) is called when a scene of a line is chosen.
function makeScore(box, { pick }) {
  let book = null;
  let chosen = null;

  const total = () => book.lengths.reduce((a, b) => a + b, 0) || 1;

  function open(next) {
    [book, chosen] = [next, null];
    box.replaceChildren(...book.cast.map(([name, scenes, named]) => {
      const row = document.createElement("div");
      row.className = "voice";
      const label = document.createElement("span");
      label.textContent = name;
      label.title = `${name}: ${scenes} of ${book.scenes} scenes`;
      const canvas = document.createElement("canvas");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `${name} is named in ${scenes} of ${book.scenes} scenes, first in ${named[0] + 1}`);
      canvas.addEventListener("click", (event) => {
        const frame = canvas.getBoundingClientRect();
        const at = ((event.clientX - frame.left) / frame.width) * total();
        let [scene, end] = [0, book.lengths[0]];
        while (end < at && scene < book.lengths.length - 1) end += book.lengths[++scene];
        pick(scene);
      });
      row.append(label, canvas);
      return row;
    }));
    draw();
  }

  function draw() {
    if (book === null) return;
    [...box.querySelectorAll("canvas")].forEach((canvas, i) => drawLine(canvas, new Set(book.cast[i][2])));
  }

  function drawLine(canvas, named) {
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const context = sized(canvas, width, height);
    context.fillStyle = theme("--line");
    context.fillRect(0, height / 2 - 0.5, width, 1);
    const opens = new Set(chaptersOf(book).map(({ first }) => first));
    let x = 0;
    book.lengths.forEach((length, scene) => {
      if (scene && opens.has(scene)) {
        context.fillStyle = theme("--line");
        context.fillRect(x - 0.5, 0, 1, height);
      }
      const band = (length / total()) * width;
      if (scene === chosen) {
        context.fillStyle = theme("--line");
        context.fillRect(x, 0, Math.max(1.5, band), height);
      }
      if (named.has(scene)) {
        context.fillStyle = theme(scene === chosen ? "--accent" : "--bar");
        context.fillRect(x, 3, Math.max(1, band - (band > 3 ? 0.7 : 0)), height - 6);
      }
      x += band;
    });
  }

  new ResizeObserver(draw).observe(box);
  return {
    open,
    mark(scene) { chosen = scene; draw(); },
    repaint: draw,
    // Names of those of the lines whom a scene names.
    names: (of, scene) => of.cast.filter(([, , named]) => named.includes(scene)).map(([name]) => name),
  };
}

// Scenes on the map, from data.scatter: numbers packed as bytes in base64, x and y in 0..65535 within a frame round the map.
function readScatter({ scatter, strips, levels }) {
  if (!scatter) return null;
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  const [topic, chapter] = [new Uint16Array(bytes(scatter.topic)), new Uint16Array(bytes(scatter.chapter))];
  const [book, scene] = [new Uint32Array(bytes(scatter.book)), new Uint32Array(bytes(scatter.scene))];
  const placed = (text) => Float32Array.from(new Uint16Array(bytes(text)), (v) => ((v / 65535) * (1 + 2 * scatter.frame) - scatter.frame) * 10000);
  const strip = (i) => strips[scatter.books[book[i]][3]];
  const held = (i) => (strip(i) && scene[i] < strip(i).openings.length ? strip(i) : null);
  return {
    count: topic.length, all: scatter.all, x: placed(scatter.x), y: placed(scatter.y), topic, scene,
    title: (i) => scatter.books[book[i]][0],
    author: (i) => scatter.books[book[i]][1],
    language: (i) => scatter.books[book[i]][2],
    chapter: (i) => scatter.chapters[chapter[i]],
    // the book among the strips that has this scene, if one has
    strip: held,
    // none where no strip has them: the page's font draws those of strips and of topics
    glyphs: (i) => (held(i) ? [...held(i).glyphs].slice(scene[i] * levels, (scene[i] + 1) * levels) : []),
    opening: (i) => scatter.texts[i] || held(i)?.openings[scene[i]] || "",
  };
}

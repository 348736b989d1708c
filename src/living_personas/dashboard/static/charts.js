// Draws the charts of a page from the specifications in it; without this file each chart has its table.
const embed = window.vegaEmbed;

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return {
    ink: of("--ink"), soft: of("--soft"), line: of("--line"), accent: of("--accent"), workshop: of("--workshop"),
    categories: ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6", "--c7", "--c8"].map(of),
  };
}

function config(width) {
  const c = colours();
  const font = getComputedStyle(document.body).fontFamily;
  return {
    background: "transparent", font, view: { stroke: null },
    axis: { labelColor: c.soft, titleColor: c.soft, gridColor: c.line, domainColor: c.line, tickColor: c.line,
      labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", titleLimit: Math.max(width - 60, 160) },
    legend: { labelColor: c.ink, titleColor: c.soft, labelFontSize: 13, labelLimit: 260,
      columns: width < 420 ? 1 : width < 720 ? 2 : 4 },
    range: { category: c.categories },
    rule: { color: c.workshop }, area: { color: c.accent }, line: { color: c.accent }, point: { color: c.accent },
  };
}

async function draw(figure) {
  const spec = JSON.parse(figure.dataset.chart);
  // `ast` with the interpreter that the bundle brings: expressions are walked, never evaluated as code.
  await embed(figure, spec, { ast: true, actions: false, renderer: "canvas", defaultStyle: false, tooltip: false,
    config: config(figure.clientWidth) });
  figure.classList.add("drawn");
}

function drawAll(root = document) {
  for (const figure of root.querySelectorAll("[data-chart]:not(.drawn)")) draw(figure);
}

drawAll();
document.addEventListener("lp:theme", () => {
  for (const figure of document.querySelectorAll("[data-chart].drawn")) figure.classList.remove("drawn");
  drawAll();
});
document.addEventListener("htmx:after:swap", () => drawAll());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
  document.dispatchEvent(new Event("lp:theme")));

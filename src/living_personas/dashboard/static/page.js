// What a page can do more with JavaScript: choose light or dark, copy, and hear of a new snapshot.
const root = document.documentElement;

document.querySelector("#theme")?.addEventListener("click", () => {
  const dark = root.dataset.theme === "dark" ||
    (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "light" : "dark";
  document.cookie = `lp_theme=${root.dataset.theme}; path=${root.dataset.path || "/"}; max-age=31536000; samesite=lax`;
  document.dispatchEvent(new Event("lp:theme"));
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source);
    button.textContent = "Selected: copy it";
  }
});

function show() {
  for (const button of document.querySelectorAll("[data-copy], #theme")) button.hidden = false;
}
show();
document.addEventListener("htmx:after:swap", show);

const live = document.querySelector("#live");
if (live?.dataset.stream) {
  const stream = new EventSource(live.dataset.stream);
  stream.addEventListener("snapshot", (event) => {
    const number = Number(event.data);
    if (!(number > Number(live.dataset.snapshot))) return;
    live.hidden = false;
    live.querySelector("span").textContent = `Snapshot ${number} was published.`;
  });
  addEventListener("pagehide", () => stream.close());
}

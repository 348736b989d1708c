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

// A link to one result is copied as well as followed; signing in keeps which result was asked for.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-link]");
  if (link) navigator.clipboard?.writeText(link.href).then(() => { link.firstChild.textContent = "Link copied"; }, () => {});
});
const onward = document.querySelector("[name=onward]");
if (onward && !onward.value.includes("#")) onward.value += location.hash;

// What scrolls sideways can be reached, and scrolled, with the keyboard.
function reach() {
  for (const each of document.querySelectorAll(".scroll")) {
    if (each.scrollWidth > each.clientWidth) each.tabIndex = 0;
    else each.removeAttribute("tabindex");
  }
}
reach();
addEventListener("resize", reach);
document.addEventListener("toggle", reach, true);
document.addEventListener("htmx:after:swap", reach);

function show() {
  for (const button of document.querySelectorAll("[data-copy], #theme")) button.hidden = false;
}
show();
document.addEventListener("htmx:after:swap", show);

// A new snapshot is told; a page whose content holds no form and no chart (#fresh) shows it by itself, once it was read.
const live = document.querySelector("#live");
let wanted = 0;
let waiting = 0;

function tell(text) {
  live.hidden = false;
  live.querySelector("span").textContent = text;
}

function refresh() {
  document.dispatchEvent(new Event("lp:snapshot"));
}

document.addEventListener("htmx:after:swap", () => {
  const fresh = document.querySelector("#fresh");
  if (!fresh || !wanted) return;
  clearTimeout(waiting);
  if (Number(fresh.dataset.snapshot) < wanted) {
    waiting = setTimeout(refresh, 2000);
    return;
  }
  const said = document.querySelector("#as-of");
  if (said && fresh.dataset.asOf) said.textContent = fresh.dataset.asOf;
  tell(`Snapshot ${wanted} is shown.`);
  live.querySelector("a").hidden = true;
  wanted = 0;
});

if (live?.dataset.stream) {
  const stream = new EventSource(live.dataset.stream);
  stream.addEventListener("snapshot", (event) => {
    const number = Number(event.data);
    if (!(number > Number(live.dataset.snapshot))) return;
    live.dataset.snapshot = number;
    wanted = number;
    live.querySelector("a").hidden = false;
    tell(`Snapshot ${number} was published.`);
    refresh();
  });
  addEventListener("pagehide", () => stream.close());
}

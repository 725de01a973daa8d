// The search: asks pagefind's index, which lies beside, and lists what it finds. Nothing leaves the reader's machine.
const form = document.getElementById("search");
const words = document.getElementById("words");
const found = document.getElementById("found");
const results = document.getElementById("results");
const root = new URL("./", import.meta.url);
const pagefind = await import(new URL("pagefind/pagefind.js", root).href);
const MOST = 30;
let asked = 0;

function entry(one) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.className = "to";
  link.href = new URL(one.raw_url.replace(/^\//, ""), root).href;
  link.textContent = one.meta.title;
  const when = document.createElement("p");
  when.className = "when";
  when.textContent = one.meta.day;
  const excerpt = document.createElement("p");
  for (const part of one.excerpt.split(/(<mark>.*?<\/mark>)/)) {
    const marked = part.startsWith("<mark>");
    const text = new DOMParser().parseFromString(`<p>${part}</p>`, "text/html").body.textContent;
    const node = document.createElement(marked ? "mark" : "span");
    node.textContent = text;
    excerpt.append(node);
  }
  item.append(link, when, excerpt);
  return item;
}

async function search() {
  const mine = ++asked;
  const query = words.value.trim();
  history.replaceState(null, "", query ? `?q=${encodeURIComponent(query)}` : location.pathname);
  if (!query) {
    found.textContent = "";
    results.replaceChildren();
    return;
  }
  const answer = await pagefind.search(query);
  const shown = await Promise.all(answer.results.slice(0, MOST).map((one) => one.data()));
  if (mine !== asked) return; // a later question was quicker
  const count = answer.results.length;
  found.textContent = `${count} ${count === 1 ? "letter" : "letters"}${count > MOST ? `, the best ${MOST} shown` : ""}`;
  results.replaceChildren(...shown.map(entry));
}

await pagefind.init();
form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
words.addEventListener("input", search);
words.value = new URLSearchParams(location.search).get("q") ?? "";
if (words.value) search();

// The page: reads the document, lists it, and keeps address, search and list together.

let cards = [];

/** Words of an operation that a search may hit. */
function wordsOf(operation) {
  const { method, path, summary, description, id, tag } = operation;
  return [method, path, summary, description, id, tag, accessOf(operation)].join(" ").toLowerCase();
}

function listOperations(document) {
  const operations = operationsOf(document);
  const named = (document.tags ?? []).map((tag) => tag.name);
  const tags = [...new Set([...named, ...operations.map((operation) => operation.tag)])];
  const told = Object.fromEntries((document.tags ?? []).map((tag) => [tag.name, tag.description]));
  cards = operations.map((operation) => ({ operation, words: wordsOf(operation), view: operationView(operation) }));
  const sections = tags.map((tag) => {
    const own = cards.filter((card) => card.operation.tag === tag);
    if (!own.length) return null;
    return make("section", { class: "tag", id: `tag-${tag}`, "aria-labelledby": `title-${tag}` },
      make("h2", { id: `title-${tag}` }, tag), prose(told[tag]), make("div", { class: "cards" }, own.map((card) => card.view)));
  }).filter(Boolean);
  const links = tags.filter((tag) => cards.some((card) => card.operation.tag === tag)).map((tag) => {
    const count = cards.filter((card) => card.operation.tag === tag).length;
    return make("a", { href: `#tag-${tag}` }, tag, make("span", { class: "dim" }, String(count)));
  });
  byId("tags").replaceChildren(...links);
  byId("list").replaceChildren(...sections);
  if (!cards.length) byId("list").replaceChildren(make("p", { class: "note" }, "The document lists no operation yet."));
}

/** Shows what has every word of the search. */
function search() {
  const wanted = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (card) => wanted.every((word) => card.words.includes(word));
  for (const card of cards) card.view.hidden = !fits(card);
  for (const section of byId("list").querySelectorAll("section.tag")) {
    section.hidden = !section.querySelector("details.operation:not([hidden])");
  }
  const count = cards.filter(fits).length;
  byId("found").textContent = wanted.length ? `${count || "No"} ${count === 1 ? "operation" : "operations"} found` : "";
}

/** Opens the operation that the address names. */
function follow() {
  const card = cards.find(({ operation: { id } }) => [id, encodeURIComponent(id)].includes(location.hash.slice(1)));
  if (!card) return;
  if (card.view.hidden) {
    byId("search").value = "";
    search();
  }
  card.view.open = true;
  card.view.scrollIntoView();
  card.view.querySelector("summary").focus({ preventScroll: true });
}

async function readHealth() {
  const response = await fetch("/health", { cache: "no-store" }).catch(() => null);
  const health = (await response?.json().catch(() => null))?.data;
  if (!health) return;
  const failed = Object.entries(health.checks).filter(([, check]) => check.status !== "ok").map(([name]) => name);
  const pill = byId("health");
  pill.textContent = `${health.stage} · ${failed.length ? `no ${failed.join(", ")}` : "ok"}`;
  pill.title = Object.entries(health.checks).map(([name, check]) => `${name} ${check.latencyMs} ms`).join(", ");
  pill.classList.add(failed.length ? "bad" : "good");
  pill.hidden = false;
  if (health.stage === "local") offerDemo();
}

async function readDocument() {
  const response = await fetch("/api/openapi.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const document = await response.json();
  useDocument(document);
  byId("version").textContent = document.info?.version ?? "";
  byId("about").replaceChildren(...prose(document.info?.description), ...prose(`Base URL \`${location.origin}\``));
  listOperations(document);
  follow();
}

function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, dialog");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      byId("search").focus();
    }
    if (event.key === "Escape" && event.target === byId("search")) {
      byId("search").value = "";
      search();
    }
  });
}

byId("search").addEventListener("input", search);
addEventListener("hashchange", follow);
listenToKeys();
startSession();
readHealth();
readDocument().catch((error) => {
  const again = make("button", { type: "button", click: () => location.reload() }, "Try again");
  byId("list").replaceChildren(make("p", { class: "note" }, `The document cannot be read: ${error.message}. `, again));
});

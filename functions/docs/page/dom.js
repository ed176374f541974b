// Elements are made of names and texts, never of markup: what the document or an answer says stays text.

const byId = (id) => document.getElementById(id);

/** An element; functions among the attributes listen, `true` is a bare attribute, nothing is left out. */
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(key, value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  const there = (child) => child !== undefined && child !== null && child !== false && child !== "";
  element.append(...children.flat(Infinity).filter(there));
  return element;
}

/** Text in which `backticks` stand for code. */
function inline(text) {
  return text.split("`").map((part, index) => (index % 2 ? make("code", null, part) : part));
}

/** Paragraphs of a description. */
function prose(text) {
  const paragraphs = (text ?? "").split(/\n\s*\n/).filter((part) => part.trim());
  return paragraphs.map((part) => make("p", null, inline(part.replace(/\s+/g, " "))));
}

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A value as indented JSON, its parts told apart by colour. */
function jsonView(value) {
  const text = JSON.stringify(value, null, 2) ?? "";
  const view = make("pre", { class: "json", tabindex: "0" });
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    view.append(text.slice(end, match.index));
    const [whole, quoted, colon, word] = match;
    const kind = colon ? "key" : quoted ? "string" : word ? "word" : "number";
    view.append(make("span", { class: kind }, quoted ?? whole), colon ?? "");
    end = match.index + whole.length;
  }
  view.append(text.slice(end));
  return view;
}

/** A button that copies what `text` answers, and says so. */
function copyButton(label, text) {
  const button = make("button", { type: "button", class: "quiet" }, label);
  button.addEventListener("click", async () => {
    const copied = await navigator.clipboard?.writeText(text()).then(() => true, () => false);
    button.textContent = copied ? "Copied" : "Copying is not allowed here";
    setTimeout(() => (button.textContent = label), 1500);
  });
  return button;
}

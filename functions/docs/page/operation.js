// One operation: a line that opens into everything there is to know.

const ORDER = ["get", "post", "put", "patch", "delete"];

/** The document's operations, flat: what the other parts of this page speak of. */
function operationsOf(document) {
  const found = [];
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of ORDER.filter((method) => item[method])) {
      const operation = operationOf(path, method, item);
      // Ids should differ; where they do not, each still has an address of its own.
      if (found.some((other) => other.id === operation.id)) operation.id += `_${found.length}`;
      found.push(operation);
    }
  }
  return found;
}

function operationOf(path, method, item) {
  const raw = item[method];
  const followed = (thing) => (thing.$ref ? pointed(thing.$ref) : thing);
  const own = (raw.parameters ?? []).map(followed);
  const shared = (item.parameters ?? []).map(followed)
    .filter((one) => !own.some((other) => other.name === one.name && other.in === one.in));
  const parameters = [...shared, ...own].filter((one) => one.name.toLowerCase() !== "authorization");
  const body = raw.requestBody && followed(raw.requestBody);
  const responses = Object.entries(raw.responses ?? {}).map(([code, answer]) => [code, followed(answer)]);
  const security = raw.security ?? definitions.security ?? [];
  return {
    raw, path, method, parameters,
    id: raw.operationId ?? `${method}${path.replace(/\W+/g, "_")}`,
    tag: raw.tags?.[0] ?? "other",
    summary: raw.summary ?? "",
    description: raw.description ?? "",
    roles: raw["x-roles"] ?? [],
    rate: raw["x-rate-class"],
    isPublic: security.length === 0,
    body: body && { required: body.required, ...Object.values(body.content ?? {})[0] },
    responses: Object.fromEntries(responses),
  };
}

/** Who may call it, in a word or two. */
function accessOf(operation) {
  if (operation.isPublic) return "public";
  return operation.roles.length ? operation.roles.join(" or ") : "signed in";
}

/** The path, its parameters set apart; it may break after slashes. */
function pathView(path) {
  const parts = path.split(/(\{[^}]*\}|\/)/).filter(Boolean);
  const view = (part) => (part === "/" ? [part, make("wbr")] : part[0] === "{" ? [make("em", null, part)] : [part]);
  return make("code", { class: "path" }, parts.flatMap(view));
}

/** The line; what is inside is made when it first opens. */
function operationView(operation) {
  const access = accessOf(operation);
  const summary = make("summary", null,
    make("span", { class: `method ${operation.method}` }, operation.method),
    make("span", { class: "what" }, pathView(operation.path), make("span", { class: "summary" }, operation.summary)),
    make("span", { class: `access ${operation.isPublic ? "open" : ""}` }, access));
  const card = make("details", { class: "operation", id: operation.id }, summary);
  card.addEventListener("toggle", () => {
    if (!card.open) return;
    if (card.children.length === 1) card.append(insideOf(operation));
    if (location.hash !== `#${operation.id}`) history.replaceState(null, "", `#${operation.id}`);
  });
  return card;
}

function insideOf(operation) {
  const facts = [
    ["Who", operation.isPublic ? "Everybody, without signing in" : accessOf(operation)],
    operation.rate && ["Rate class", operation.rate],
    operation.raw.deprecated && ["Deprecated", "Do not begin to use it"],
  ].filter(Boolean);
  const about = make("section", { class: "about" },
    prose(operation.description),
    make("dl", null, facts.map(([name, value]) => [make("dt", null, name), make("dd", null, String(value))])),
    parametersView(operation), bodyView(operation), responsesView(operation),
    make("p", { class: "row dim" }, make("code", null, operation.id),
      copyButton("Copy link", () => `${location.origin}${location.pathname}#${operation.id}`)));
  return make("div", { class: "inside" }, about, trialView(operation));
}

function parametersView({ parameters }) {
  if (!parameters.length) return null;
  const view = (one) => {
    // What is absent from a query is not null but absent.
    const schema = { description: one.description, ...plain(one.schema), nullable: false };
    return fieldView(one.name, schema, one.required);
  };
  const places = [...new Set(parameters.map((one) => one.in))];
  return places.map((place) => [
    make("h4", null, { path: "In the path", query: "Query", header: "Headers" }[place] ?? place),
    make("ul", { class: "fields" }, parameters.filter((one) => one.in === place).map(view)),
  ]);
}

function bodyView({ body }) {
  if (!body) return null;
  const schema = plain(body.schema);
  return [
    make("h4", null, "Body", !body.required && make("span", { class: "dim" }, " (may be absent)")),
    ...prose(schema.description),
    insideView(schema) ?? make("p", { class: "dim" }, typeName(schema)),
  ];
}

/** Good answers show their `data`; refusals share one shape and differ in code. */
function responsesView({ responses }) {
  const view = ([code, answer]) => {
    const heading = [
      make("strong", { class: code < "400" ? "good" : "bad" }, code),
      ...inline((answer.description ?? "").replace(/\b[A-Z]+(?:_[A-Z]+)+\b|\bCONFLICT\b/g, "`$&`")),
    ];
    const media = Object.values(answer.content ?? {})[0];
    const schema = plain(media?.schema);
    if (code >= "400" || !schema.properties) return make("div", { class: "answer" }, heading);
    const data = schema.properties.data ? plain(schema.properties.data, schema.refs) : schema;
    return make("details", { class: "answer" },
      make("summary", null, heading, schema.properties.data && make("span", { class: "dim" }, "data: ", typeName(data))),
      insideView(data) ?? make("p", { class: "dim" }, "Nothing inside."),
      make("h5", null, "Example"), jsonView(sample(media.schema)));
  };
  return [make("h4", null, "Answers"), make("div", { class: "answers" }, Object.entries(responses).map(view))];
}

// "Try it": a form made of an operation, and what the API answered.

/** Tags of what was read last, by path: the If-Match of a change. */
const seenTags = new Map();

/** A labelled field of the form. */
function field(name, hint, input) {
  return make("label", null, make("span", null, make("code", null, name), hint && ` ${hint}`), input);
}

function parameterField(parameter) {
  const schema = plain(parameter.schema);
  const common = { name: `${parameter.in}:${parameter.name}`, required: parameter.required, autocomplete: "off", spellcheck: "false" };
  const hint = [parameter.in, parameter.required && "required"].filter(Boolean).join(", ");
  const values = schema.enum ?? (schema.type === "boolean" ? [true, false] : null);
  if (values) {
    const options = values.map((value) => make("option", null, String(value)));
    return field(parameter.name, hint, make("select", common, !parameter.required && make("option"), options));
  }
  const known = parameter.example ?? schema.examples?.[0];
  return field(parameter.name, hint, make("input", { ...common, placeholder: known ?? typeName(schema) }));
}

/** Headers that an operation honours, known by how it may refuse. */
function headerFields(operation) {
  const answers = Object.entries(operation.responses ?? {});
  const named = (name) => operation.parameters.some((parameter) => parameter.name.toLowerCase() === name.toLowerCase());
  const changes = answers.some(([code]) => code === "412") && !named("If-Match");
  const once = (answers.some(([, answer]) => /IDEMPOTENCY/.test(answer.description ?? "")) || "x-idempotency" in operation.raw) &&
    !named("Idempotency-Key");
  const input = (name, value) => make("input", { name: `header:${name}`, value, autocomplete: "off", spellcheck: "false" });
  return [
    changes && field("If-Match", "header: the ETag that you saw", input("If-Match", "")),
    once && field("Idempotency-Key", "header: sent twice, done once", input("Idempotency-Key", crypto.randomUUID?.() ?? "")),
  ];
}

function bodyField(operation) {
  if (!operation.body) return null;
  const text = (extent) => JSON.stringify(sample(operation.body.schema, extent), null, 2);
  const area = make("textarea", { name: "body", spellcheck: "false", "aria-label": "Body, JSON" });
  const fill = (extent) => {
    area.value = text(extent);
    area.rows = Math.min(area.value.split("\n").length + 1, 18);
  };
  const choice = (label, extent) =>
    make("button", { type: "button", class: "quiet", click: () => fill(extent) }, label);
  fill("needed");
  return make("div", { class: "body" },
    make("div", { class: "row" }, make("span", null, "Body, JSON"), choice("Smallest", "needed"), choice("All fields", "all")),
    area);
}

/** The form's request: `{url, options}`. */
function requestOf(form, operation, token) {
  let path = operation.path;
  const query = new URLSearchParams();
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  for (const [key, value] of new FormData(form)) {
    const [place, name] = key.split(/:(.*)/s);
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    if (place === "query" && value !== "") query.append(name, value);
    if (place === "header" && value !== "") headers[name] = value;
  }
  const body = form.elements.body?.value;
  if (body) headers["Content-Type"] = "application/json";
  const url = query.size ? `${path}?${query}` : path;
  return { url, options: { method: operation.method.toUpperCase(), headers, body: body || undefined } };
}

function curlOf({ url, options }) {
  const quoted = (text) => `'${text.replace(/'/g, "'\\''")}'`;
  // The token stays out of the command: the shell's variable stands for it.
  const line = (name, value) => (name === "Authorization" ? '"Authorization: Bearer $TOKEN"' : quoted(`${name}: ${value}`));
  const headers = Object.entries(options.headers).map(([name, value]) => ` \\\n  -H ${line(name, value)}`);
  const body = options.body ? ` \\\n  -d ${quoted(options.body)}` : "";
  return `curl -i -X ${options.method} ${quoted(location.origin + url)}${headers.join("")}${body}`;
}

/** Sends the request; `status` is read out to who cannot see it, the answer below it is not. */
async function show(result, status, { url, options }) {
  const started = performance.now();
  result.replaceChildren(status);
  status.replaceChildren(make("span", { class: "dim" }, "Waiting …"));
  let response, text;
  try {
    response = await fetch(url, { ...options, cache: "no-store" });
    text = await response.text();
  } catch (error) {
    status.replaceChildren(make("strong", { class: "bad" }, `No answer: ${error.message}`));
    return;
  }
  const ms = Math.round(performance.now() - started);
  if (response.headers.has("etag")) seenTags.set(response.url, response.headers.get("etag"));
  const kind = response.ok ? "good" : "bad";
  status.replaceChildren(
    make("strong", { class: kind }, `${response.status} ${response.statusText}`.trim()),
    make("span", { class: "dim" }, `${ms} ms · ${text.length.toLocaleString("en")} characters`));
  const lines = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const headers = make("details", null, make("summary", null, "Headers"), make("pre", null, lines));
  result.replaceChildren(status, headers, answerView(text, response.headers.get("content-type") ?? ""));
}

/** JSON is coloured; anything else, and what is very long, is plain text. */
function answerView(text, type) {
  if (type.includes("json") && text.length < 200_000) {
    try {
      return jsonView(JSON.parse(text));
    } catch { /* not JSON after all */ }
  }
  return make("pre", { tabindex: "0" }, text.slice(0, 200_000) || "(no body)");
}

/** The form and the place of its answer. */
function trialView(operation) {
  const status = make("p", { class: "status", role: "status" });
  const result = make("div", { class: "result" }, status);
  const who = make("p", { class: "dim" });
  const signIn = make("button", { type: "button", class: "link", click: () => byId("sign-in").showModal() }, "Sign in");
  const tellWho = () => {
    if (operation.isPublic) who.replaceChildren("Needs no sign-in.");
    else if (session) who.replaceChildren(`As ${session.name}.`);
    else who.replaceChildren(signIn, " first: this needs a token.");
  };
  const form = make("form", { class: "trial" },
    make("h4", null, "Try it"), who,
    operation.parameters.filter((parameter) => parameter.in !== "cookie").map(parameterField),
    headerFields(operation), bodyField(operation),
    make("div", { class: "row" },
      make("button", { class: "primary" }, "Send"),
      copyButton("Copy as curl", () => curlOf(requestOf(form, operation, !operation.isPublic && "token")))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const token = operation.isPublic ? null : await accessToken();
    await show(result, status, requestOf(form, operation, token));
  });
  form.addEventListener("focusin", ({ target }) => {
    const url = location.origin + requestOf(form, operation).url;
    if (target.name === "header:If-Match" && !target.value) target.value = seenTags.get(url) ?? "";
  });
  document.addEventListener("session", tellWho);
  tellWho();
  return make("section", { class: "try" }, make("div", null, form, result));
}

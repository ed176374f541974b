// JSON Schema for people: what a value must be, and one that would do.

let definitions = {};

function useDocument(document) {
  definitions = document;
}

/** What `#/components/…` points at. */
function pointed(pointer) {
  const steps = pointer.replace(/^#\//, "").split("/").map((step) => step.replace(/~1/g, "/").replace(/~0/g, "~"));
  return steps.reduce((node, step) => node?.[step], definitions) ?? {};
}

/** The schema with references followed, parts joined, and `null` taken out of it: `{…, nullable, refs}`. */
function plain(schema, refs = []) {
  let { $ref, allOf, anyOf, oneOf, ...own } = schema === true || !schema ? {} : schema;
  let result = { nullable: false, refs, ...own };
  const join = (part) => {
    const other = plain(part, result.refs);
    const properties = { ...other.properties, ...result.properties };
    const required = [...(other.required ?? []), ...(result.required ?? [])];
    result = { ...other, ...result, refs: other.refs, nullable: result.nullable || other.nullable };
    if (Object.keys(properties).length) result = { ...result, properties, required };
  };
  if ($ref) {
    if (refs.includes($ref)) return { ...result, circular: $ref.split("/").pop() };
    result.refs = [...refs, $ref];
    join(pointed($ref));
  }
  for (const part of allOf ?? []) join(part);
  const choices = anyOf ?? oneOf ?? [];
  const real = choices.filter((choice) => choice.type !== "null");
  if (real.length < choices.length) result.nullable = true;
  if (real.length === 1) join(real[0]);
  else if (real.length > 1 && real.every((choice) => "const" in choice || choice.enum)) {
    result.enum = real.flatMap((choice) => choice.enum ?? [choice.const]);
    result.type ??= typeof result.enum[0];
  } else if (real.length > 1) result.choices = real;
  if (Array.isArray(result.type)) {
    result.nullable ||= result.type.includes("null");
    const types = result.type.filter((type) => type !== "null");
    result.type = types.length === 1 ? types[0] : types;
  }
  if (result.enum?.includes(null)) result = { ...result, nullable: true, enum: result.enum.filter((v) => v !== null) };
  return result;
}

/** A few words for the type. */
function typeName(schema) {
  if (schema.circular) return schema.circular;
  if (schema.choices) return schema.choices.map((choice) => typeName(plain(choice, schema.refs))).join(" or ");
  if (schema.type === "array") return `list of ${typeName(plain(schema.items, schema.refs))}`;
  const type = [schema.type ?? (schema.properties ? "object" : "any")].flat().join(" or ");
  return schema.format && !/^u?int\d*$/.test(schema.format) ? `${type} (${schema.format})` : type;
}

const span = (low, high, unit) => {
  if (low === undefined && high === undefined) return null;
  if (low === high) return `exactly ${low}${unit}`;
  if (high === undefined) return `at least ${low}${unit}`;
  return low === undefined || low === 0 ? `at most ${high}${unit}` : `${low} to ${high}${unit}`;
};

/** What else must hold, each in a few words. */
function limits(schema) {
  return [
    span(schema.minLength, schema.maxLength, " characters"),
    span(schema.minItems, schema.maxItems, " items"),
    span(schema.minimum, schema.maximum, ""),
    schema.exclusiveMinimum !== undefined && `more than ${schema.exclusiveMinimum}`,
    schema.exclusiveMaximum !== undefined && `less than ${schema.exclusiveMaximum}`,
    schema.multipleOf !== undefined && `a multiple of ${schema.multipleOf}`,
    schema.uniqueItems && "no two alike",
    schema.pattern && `matches \`${schema.pattern}\``,
    schema.const !== undefined && `always \`${JSON.stringify(schema.const)}\``,
    schema.default !== undefined && schema.default !== null && `default \`${JSON.stringify(schema.default)}\``,
  ].filter(Boolean);
}

/** One value: its name, type, limits and meaning, and what is inside. */
function fieldView(name, given, required, refs = []) {
  const schema = plain(given, refs);
  const facts = limits(schema);
  const heading = make("div", { class: "field" },
    make("code", { class: "name" }, name),
    make("span", { class: "type" }, typeName(schema), schema.nullable && " or null"),
    required && make("span", { class: "required" }, "required"));
  const chosen = schema.enum ?? (schema.type === "array" && plain(schema.items, schema.refs).enum);
  const values = chosen && make("div", { class: "values" }, "one of ",
    chosen.map((value) => make("code", null, String(value))));
  return make("li", null, heading,
    facts.length > 0 && make("div", { class: "limits" }, inline(facts.join(" · "))),
    values, prose(schema.description), insideView(schema));
}

/** The fields of an object, or of the objects in a list. */
function insideView(schema) {
  if (schema.circular) return null;
  if (schema.choices) {
    return make("ul", { class: "fields" },
      schema.choices.map((choice, index) => fieldView(`choice ${index + 1}`, choice, false, schema.refs)));
  }
  if (schema.type === "array") return insideView(plain(schema.items, schema.refs));
  const fields = Object.entries(schema.properties ?? {});
  if (typeof schema.additionalProperties === "object") fields.push(["any name", schema.additionalProperties]);
  if (!fields.length) return null;
  return make("ul", { class: "fields" },
    fields.map(([name, field]) => fieldView(name, field, schema.required?.includes(name), schema.refs)));
}

const TEXTS = {
  "date-time": "2026-11-20T10:00:00.000Z",
  date: "2026-11-20",
  email: "ada@example.com",
  uri: "https://example.com/",
  uuid: "0190b5a0-7e6f-7c3a-9f3e-2b1d4c5e6f70",
};

/** A value that the schema allows; of objects all fields, or those that must be there. */
function sample(given, extent = "all", refs = []) {
  const schema = plain(given, refs);
  const told = schema.examples?.[0] ?? schema.example ?? schema.const ?? schema.default ?? schema.enum?.[0];
  if (told !== undefined && told !== null) return told;
  if (schema.circular) return null;
  if (schema.choices) return sample(schema.choices[0], extent, schema.refs);
  switch (schema.type ?? (schema.properties ? "object" : "string")) {
    case "object": return sampleObject(schema, extent);
    case "array": return [sample(schema.items, extent, schema.refs)].filter((item) => item !== null);
    case "integer":
    case "number": return schema.minimum ?? 1;
    case "boolean": return false;
    default: return (TEXTS[schema.format] ?? "text").padEnd(schema.minLength ?? 0, "-").slice(0, schema.maxLength);
  }
}

/** Where nothing must be there, the first field shows how it goes. */
function sampleObject(schema, extent) {
  const names = Object.keys(schema.properties ?? {});
  const needed = names.filter((name) => schema.required?.includes(name));
  const shown = extent === "all" ? names : needed.length ? needed : names.slice(0, 1);
  return Object.fromEntries(shown.map((name) => [name, sample(schema.properties[name], extent, schema.refs)]));
}

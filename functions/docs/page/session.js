// Who is signed in. Tokens live in this variable and nowhere else.

let session = null;

/** The access token, renewed when it is about to end; null when nobody is signed in. */
async function accessToken() {
  if (session?.refreshToken && Date.now() > session.endsAt - 20_000) {
    const answer = await post("/api/v1/auth/refresh", { refreshToken: session.refreshToken });
    if (answer.success) begin(answer.data);
    else end();
  }
  return session?.accessToken ?? null;
}

async function post(path, body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return response.json();
}

function begin(tokens) {
  session = {
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    endsAt: Date.now() + (tokens.expiresIn ?? 0) * 1000,
    name: tokens.user?.email ?? "a token",
    roles: tokens.user?.roles ?? [],
  };
  showSession();
}

function end() {
  session = null;
  showSession();
}

function showSession() {
  const account = byId("account");
  account.textContent = session ? session.name : "Sign in";
  account.classList.toggle("signed-in", Boolean(session));
  byId("sign-in-title").textContent = session ? "Signed in" : "Sign in";
  for (const id of ["password-form", "token-part"]) byId(id).hidden = Boolean(session);
  byId("code-form").hidden = true;
  byId("signed-in").hidden = !session;
  byId("demo").hidden = Boolean(session) || !byId("demo").textContent;
  const roles = session?.roles.length ? ` with roles ${session.roles.join(", ")}` : "";
  byId("who").textContent = session ? `You are ${session.name}${roles}.` : "";
  document.dispatchEvent(new Event("session"));
}

/** On a laptop there are demo accounts, and everybody may know their password. */
function offerDemo() {
  const demo = { email: "user@souk.dev", password: "Demo-Souk-2026!" };
  byId("demo").replaceChildren(...inline(
    `This is a local copy. Demo account: \`${demo.email}\`, password \`${demo.password}\`; admin@, operator@, provider@ ` +
    "and others have the same password."));
  byId("demo").hidden = false;
  byId("email").value = demo.email;
  byId("password").value = demo.password;
}

/** Runs what a form does; problems are told in the dialog. */
function onSubmit(id, act) {
  byId(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    byId("sign-in-problem").textContent = "";
    const button = byId(id).querySelector("button");
    button.disabled = true;
    const problem = await act().catch(() => "The API does not answer.");
    button.disabled = false;
    byId("sign-in-problem").textContent = problem ?? "";
  });
}

/** Takes the answer of a login; tells what is wrong with it. */
function enter(answer) {
  if (!answer.success) return `${answer.message} (${answer.code})`;
  begin(answer.data);
  byId("sign-in").close();
}

function startSession() {
  let mfaToken = null;
  onSubmit("password-form", async () => {
    const answer = await post("/api/v1/auth/login", { email: byId("email").value, password: byId("password").value });
    if (!answer.data?.mfaRequired) return enter(answer);
    mfaToken = answer.data.mfaToken;
    byId("password-form").hidden = true;
    byId("code-form").hidden = false;
    byId("code").focus();
  });
  onSubmit("code-form", async () => {
    const answer = await post("/api/v1/auth/login/mfa", { mfaToken, code: byId("code").value });
    return enter(answer);
  });
  onSubmit("token-form", async () => {
    begin({ accessToken: byId("token").value.trim() });
    byId("token").value = "";
    byId("sign-in").close();
  });
  byId("sign-out").addEventListener("click", async () => {
    const { accessToken, refreshToken } = session ?? {};
    end();
    byId("sign-in").close();
    if (refreshToken) await post("/api/v1/auth/logout", {}, accessToken).catch(() => null);
  });
  byId("account").addEventListener("click", () => byId("sign-in").showModal());
  byId("sign-in-close").addEventListener("click", () => byId("sign-in").close());
}

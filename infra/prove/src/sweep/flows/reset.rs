//! Somebody whose address is locked after wrong guesses asks for a link and sets a new password.

use serde_json::json;

use crate::client::{Request, Told};
use crate::sweep::facts::{Broken, Facts};
use crate::sweep::flow::Flow;
use crate::sweep::people::{PASSWORD, login};
use crate::sweep::site::Site;

const NEW: &str = "wrong donkey fuse clip 8";
const RESET: &str = "Reset your password";
const CHANGED: &str = "Your password was changed";
/// So many wrong guesses lock an address.
const GUESSES: usize = 5;

/// Somebody whose address is locked asks for a link and sets a new password.
pub struct Reset;

/// What was answered.
pub struct Answers {
    asked: Told,
    set: Told,
}

impl Flow for Reset {
    const NAME: &'static str = "reset";
    type Ready = String;
    type Done = Answers;

    async fn prepare(site: &Site) -> Result<String, Broken> {
        let email = site.account().await?;
        for _ in 0..GUESSES {
            site.told(&login(&email, "not the password 9")).await?;
        }
        match site.told(&login(&email, PASSWORD)).await?.reply.code() {
            "ACCOUNT_LOCKED" => Ok(email),
            other => Err(Broken(format!("the address is not locked: {other:?}"))),
        }
    }

    async fn act(site: &Site, email: &String) -> Result<Answers, Broken> {
        let asked = site.told(&Request::post("/api/v1/auth/password-reset-request", json!({ "email": email }))).await?;
        let token = site.mailed_token(email, RESET).await?;
        let body = json!({ "token": token, "newPassword": NEW });
        let set = site.told(&Request::post("/api/v1/auth/password-reset", body)).await?;
        Ok(Answers { asked, set })
    }

    async fn expect(site: &Site, email: String, done: Answers, facts: &mut Facts<'_>) -> Result<(), Broken> {
        facts.answered("asking for the link", &done.asked.reply, 202);
        facts.mailed(site, &email, RESET, done.asked.lost)?;
        // A link is good once: whoever does not know whether it worked is told that it is used, and signs in.
        let used = done.set.lost > 0 && done.set.reply.code() == "TOKEN_INVALID";
        if !used {
            facts.answered("setting the password", &done.set.reply, 200);
        }
        let person = site.person(&email, NEW).await?;
        facts.mailed(site, &email, CHANGED, 0)?;
        facts.noticed(site, &person, "user.password_changed", 1..=1).await?;
        let old = site.told(&login(&email, PASSWORD)).await?;
        facts.answered("signing in with the old password", &old.reply, 401);
        Ok(())
    }
}

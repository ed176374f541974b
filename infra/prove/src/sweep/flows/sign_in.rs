//! Somebody signs in and refreshes the tokens, twice.

use serde_json::json;

use crate::client::{Request, Told};
use crate::sweep::facts::{Broken, Facts};
use crate::sweep::flow::Flow;
use crate::sweep::people::{PASSWORD, login, profile, tokens};
use crate::sweep::site::Site;

/// Somebody signs in and refreshes the tokens, twice.
pub struct SignIn;

/// What was answered, in order.
pub struct Chain {
    signed_in: Told,
    refreshed: Vec<Told>,
}

fn refresh(token: &str) -> Request {
    Request::post("/api/v1/auth/refresh", json!({ "refreshToken": token }))
}

impl Flow for SignIn {
    const NAME: &'static str = "sign-in";
    type Ready = String;
    type Done = Chain;

    async fn prepare(site: &Site) -> Result<String, Broken> {
        site.account().await
    }

    async fn act(site: &Site, email: &String) -> Result<Chain, Broken> {
        let signed_in = site.told(&login(email, PASSWORD)).await?;
        let (_, mut token) = tokens(&signed_in)?;
        let mut refreshed = Vec::new();
        for _ in 0..2 {
            let told = site.told(&refresh(&token)).await?;
            (_, token) = tokens(&told)?;
            refreshed.push(told);
        }
        Ok(Chain { signed_in, refreshed })
    }

    async fn expect(site: &Site, email: String, done: Chain, facts: &mut Facts<'_>) -> Result<(), Broken> {
        let Some(last) = done.refreshed.last() else { return Err(Broken("nothing was refreshed".to_owned())) };
        let (access, token) = tokens(last)?;
        site.ask(&profile(&access)).await?;
        let (access, _) = tokens(&site.told(&refresh(&token)).await?)?;
        let listed = site.ask(&Request::get("/api/v1/auth/sessions").token(&access)).await?;
        let sessions = listed.data()["sessions"].as_array().map_or(0, Vec::len);
        facts.counted("sessions", sessions, 1..=1 + done.signed_in.lost as usize);
        let person = site.person(&email, PASSWORD).await?;
        facts.noticed(site, &person, "user.session_reuse_detected", 0..=0).await
    }
}

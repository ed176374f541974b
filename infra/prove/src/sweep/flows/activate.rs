//! Somebody who has registered follows the link and signs in.

use crate::client::{Request, Told};
use crate::sweep::facts::{Broken, Facts};
use crate::sweep::flow::Flow;
use crate::sweep::people::{PASSWORD, verification};
use crate::sweep::site::Site;

/// Somebody who has registered follows the link and signs in.
pub struct Activate;

/// Who has registered.
pub struct Registered {
    email: String,
    token: String,
}

impl Flow for Activate {
    const NAME: &'static str = "activate";
    type Ready = Registered;
    type Done = Told;

    async fn prepare(site: &Site) -> Result<Registered, Broken> {
        let (email, token) = site.register().await?;
        Ok(Registered { email, token })
    }

    async fn act(site: &Site, ready: &Registered) -> Result<Told, Broken> {
        site.told(&verification(&ready.token)).await
    }

    async fn expect(site: &Site, ready: Registered, told: Told, facts: &mut Facts<'_>) -> Result<(), Broken> {
        // A link is good once: whoever does not know whether it worked is told that it is used, and signs in.
        let used = told.lost > 0 && told.reply.code() == "TOKEN_INVALID";
        if !used {
            facts.answered("following the link", &told.reply, 200);
        }
        let person = site.person(&ready.email, PASSWORD).await?;
        facts.noticed(site, &person, "user.registered", 1..=1).await?;
        let path = format!("/api/v1/users?search={}", ready.email);
        let listed = site.ask_as_administrator(Request::get(path)).await?;
        let accounts = listed.data()["users"].as_array().map_or(0, Vec::len);
        facts.counted("accounts of this address that staff finds", accounts, 1..=1);
        let again = site.told(&verification(&ready.token)).await?;
        facts.equal("following the link once more", &again.reply.code(), &"TOKEN_INVALID");
        Ok(())
    }
}

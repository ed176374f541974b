//! A stranger registers and gets the link.

use crate::client::Told;
use crate::sweep::facts::{Broken, Facts};
use crate::sweep::flow::Flow;
use crate::sweep::people::{PASSWORD, VERIFY, login, registration, stranger, verification};
use crate::sweep::site::Site;

/// A stranger registers and gets the link.
pub struct Register;

impl Flow for Register {
    const NAME: &'static str = "register";
    type Ready = String;
    type Done = Told;

    async fn prepare(_: &Site) -> Result<String, Broken> {
        Ok(stranger())
    }

    async fn act(site: &Site, email: &String) -> Result<Told, Broken> {
        site.told(&registration(email)).await
    }

    async fn expect(site: &Site, email: String, told: Told, facts: &mut Facts<'_>) -> Result<(), Broken> {
        facts.answered("registering", &told.reply, 201);
        facts.mailed(site, &email, VERIFY, told.lost)?;
        let early = site.told(&login(&email, PASSWORD)).await?;
        facts.equal("signing in before the address is proven", &early.reply.code(), &"EMAIL_NOT_VERIFIED");
        let token = site.mailed_token(&email, VERIFY).await?;
        site.ask(&verification(&token)).await?;
        let person = site.person(&email, PASSWORD).await?;
        facts.equal("whose profile it is", &person.email, &email);
        Ok(())
    }
}

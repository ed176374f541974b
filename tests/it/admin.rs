//! `souk-admin`: what an operator does that no endpoint does.

mod check;
mod dead_letters;
mod first_administrator;
mod keys;
mod operations;
mod rebuild;
mod replay;

use queue::redrive::Mover;
use souk_admin::Souk;
use testkit::Sandbox;

/// The operator of a sandbox.
pub fn operator(sandbox: &Sandbox) -> Souk {
    let mut souk = Souk::at("local", sandbox.aws.config().clone(), Mover::Hand);
    souk.clock = sandbox.clock.clone();
    souk
}

//! The areas of the API as types, for handlers' signatures: `Caller<Wallet>`.

use domain::identity::scope::Area as Name;
use domain::rate::{self, Class};
use http::Method;

/// A part of the API that API keys are made for.
pub trait Area: Send + Sync + 'static {
    /// Which one.
    const NAME: Name;

    /// What a request with `method` counts as.
    fn class(method: &Method) -> Class {
        match *method {
            Method::GET | Method::HEAD => rate::READ,
            _ => rate::WRITE,
        }
    }
}

/// The caller's own account.
#[derive(Clone, Copy, Debug)]
pub enum Profile {}
impl Area for Profile {
    const NAME: Name = Name::Profile;
}

/// Wallet, transactions, payments.
#[derive(Clone, Copy, Debug)]
pub enum Wallet {}
impl Area for Wallet {
    const NAME: Name = Name::Wallet;
}

/// Services, workers, subscriptions, deployments, providers.
#[derive(Clone, Copy, Debug)]
pub enum Compute {}
impl Area for Compute {
    const NAME: Name = Name::Compute;
}

/// Integration.
#[derive(Clone, Copy, Debug)]
pub enum Plugins {}
impl Area for Plugins {
    const NAME: Name = Name::Plugins;
}

/// Energy and devices.
#[derive(Clone, Copy, Debug)]
pub enum Energy {}
impl Area for Energy {
    const NAME: Name = Name::Energy;
}

/// Projects, proposals, contracts, portfolio, uploads.
#[derive(Clone, Copy, Debug)]
pub enum Talent {}
impl Area for Talent {
    const NAME: Name = Name::Talent;
}

/// Notifications and webhook endpoints.
#[derive(Clone, Copy, Debug)]
pub enum Events {}
impl Area for Events {
    const NAME: Name = Name::Events;
}

/// What is for staff.
#[derive(Clone, Copy, Debug)]
pub enum Admin {}
impl Area for Admin {
    const NAME: Name = Name::Admin;

    fn class(_: &Method) -> Class {
        rate::ADMIN
    }
}

//! Every flow that is swept, a file each. To add one: a file that says what it prepares, does and expects, and its line here.

mod activate;
mod api_key;
mod register;
mod reset;
mod role_grant;
mod sign_in;
mod webhook;

use super::flow::{Flows, Listed};

/// All flows.
pub const ALL: Flows = &[
    Listed::of::<register::Register>(),
    Listed::of::<activate::Activate>(),
    Listed::of::<sign_in::SignIn>(),
    Listed::of::<reset::Reset>(),
    Listed::of::<role_grant::RoleGrant>(),
    Listed::of::<webhook::OutboundWebhook>(),
    Listed::of::<api_key::MakeApiKey>(),
];

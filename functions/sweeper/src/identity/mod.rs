//! What falls due for people and their accounts.

pub(crate) mod mail_resend;
pub(crate) mod webhook_retry;

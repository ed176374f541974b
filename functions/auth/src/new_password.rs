//! A new password: repeated, and not easily guessed.

use domain::identity::{EmailAddress, Password};
use domain::text::PersonName;
use domain::{Failure, Invalid};
use entry::Checked;

use crate::Auth;

/// Refuses a new password that is easily guessed by somebody who knows its owner; `field` is its name in the request.
pub fn good_enough(
    auth: &Auth,
    field: &str,
    password: &Password,
    name: &PersonName,
    email: &EmailAddress,
) -> Result<(), Failure> {
    let judged = password.suits(auth.password_min_length, name, email);
    judged.map_err(|Invalid(why)| Failure::field(field, why))
}

/// The rule of a field that repeats a password, if it was sent.
pub fn repeats(password: &Checked<Password>) -> impl FnOnce(&Option<Checked<Password>>, &()) -> garde::Result {
    move |repeated, ()| {
        let (Some(repeated), Some(password)) = (repeated, password.as_valid()) else { return Ok(()) };
        match repeated.as_valid().is_some_and(|repeated| repeated == password) {
            true => Ok(()),
            false => Err(garde::Error::new("does not equal the password")),
        }
    }
}

/// The same rule where the password itself need not be sent.
pub fn repeats_if_sent(
    password: &Option<Checked<Password>>,
) -> impl FnOnce(&Option<Checked<Password>>, &()) -> garde::Result {
    move |repeated, context| match password {
        Some(password) => repeats(password)(repeated, context),
        None => Ok(()),
    }
}

//! Who someone is and what they may do.

pub mod account;
pub mod address;
pub mod api_key;
pub mod events;
pub mod grant;
pub mod guess;
pub mod mail_budget;
pub mod notice;
pub mod password;
pub mod people;
pub mod preferences;
pub mod profile;
pub mod proof;
pub mod registration;
pub mod role;
pub mod scope;
pub mod session;
pub mod view;
pub mod waits;
pub mod webhook;

pub use account::{Account, Status};
pub use address::EmailAddress;
pub use api_key::{ApiKey, ApiKeyView};
pub use grant::{NoGrant, Reason};
pub use notice::{Notice, NoticeView};
pub use password::{Password, PasswordHash};
pub use preferences::Preferences;
pub use profile::Profile;
pub use proof::Proof;
pub use registration::Registration;
pub use role::Role;
pub use scope::Scope;
pub use session::Session;
pub use view::{SessionView, UserView};

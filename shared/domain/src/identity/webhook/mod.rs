//! Outbound webhooks: where they may go, what they say, how they are signed, and when they are tried again.

pub mod body;
pub mod delivery;
pub mod endpoint;
pub mod pattern;
pub mod reach;
pub mod schedule;
pub mod secret;
pub mod url;
pub mod view;

pub use body::{TooLarge, delivery_id};
pub use delivery::{Attempt, Delivery, Next, Outcome, Status};
pub use endpoint::{Description, Endpoint, EndpointStatus, MAX_ENDPOINTS, PreviousSecret, SealedSecret};
pub use pattern::EventPattern;
pub use reach::Reach;
pub use secret::Secret;
pub use url::EndpointUrl;
pub use view::{DeliveryDetail, DeliveryView, EndpointScope, EndpointView};

//! POST /api/v1/users/{id}/password-reset

use axum::extract::State;
use domain::audit::Action;
use domain::identity::events::MailReset;
use domain::identity::proof::{Claim, RESET_SECONDS};
use domain::identity::{Proof, Status};
use domain::{Code, Failure, Id, id};
use entry::{About, Accepted, Administrator, Answer, As, Nothing, Origin, Path};

use crate::Users;
use crate::credential_act::{Mailing, Upon};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Make somebody choose a new password",
    description: "Their sessions end, and a link to reset the password is mailed to them, good for one hour and once. Nobody \
                  sets another's password. Audited.",
    errors: &[Code::Conflict],
};

/// The link is the one that people ask for themselves.
pub async fn handle(
    State(users): State<Users>,
    administrator: As<Administrator>,
    origin: Origin,
    Path(of): Path<Id<id::User>>,
) -> Answer<Accepted<Nothing>> {
    let by = administrator.caller.account.id;
    let upon = Upon { users: &users, origin: &origin, by, of, action: Action::UserResetForced };
    upon.end_sessions(|account, now| {
        if account.status != Status::Active {
            return Err(Failure::new(Code::Conflict, "The account is disabled: the link would open nothing").into());
        }
        let mailing = Mailing::new(&users, now)?;
        let proof = Proof::issued(Claim::Reset { user: of }, now, RESET_SECONDS);
        let job = MailReset { email: account.email.clone(), proof_id: mailing.id, kid: mailing.kid.clone() };
        Ok(Some((mailing, proof, job)))
    })
    .await?;
    Ok(Accepted::new("The link is on the way", Nothing {}))
}

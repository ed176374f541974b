//! Why money does not move.

use crate::{Code, Failure};

/// Why a posting, a hold or a price is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The wallet does not have so much to spend.
    #[error("the wallet does not have so much")]
    InsufficientFunds,
    /// The wallet's status does not let money move this way.
    #[error("the wallet is blocked")]
    WalletBlocked,
    /// The wallet would hold more than can be counted exactly.
    #[error("the wallet would hold too much")]
    OverCap,
    /// The hold has ended.
    #[error("the hold is not active")]
    HoldNotActive,
    /// The hold does not have so much.
    #[error("the hold does not have so much")]
    HoldExceeded,
    /// Less is left of the transaction than is to be taken back.
    #[error("less is left than is to be taken back")]
    OverReversed,
    /// The price was held for a while, which is over.
    #[error("the quote has expired")]
    QuoteExpired,
    /// The price was used.
    #[error("the quote was used")]
    QuoteUsed,
    /// Others keep changing the same wallets; nothing was done.
    #[error("others keep changing the same wallets")]
    Contended,
    /// What was asked breaks a rule of the book: a defect of whoever asked.
    #[error("not a posting: {0}")]
    Malformed(#[from] Malformed),
}

/// Which rule of the book is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Fewer than two accounts change.
    #[error("nothing moves")]
    NothingMoves,
    /// More than [`super::posting::MAX_LEGS`].
    #[error("too many legs")]
    TooManyLegs,
    /// More than [`super::posting::MAX_WALLETS`].
    #[error("too many wallets")]
    TooManyParties,
    /// In some currency it does not sum to zero.
    #[error("it does not sum to zero")]
    Unbalanced,
    /// Something has another currency than the rest.
    #[error("two currencies")]
    MixedCurrencies,
    /// An amount is above [`super::money::MAX_MINOR`].
    #[error("too much")]
    TooMuch,
    /// There is nobody to share among.
    #[error("nobody has a share")]
    NoShares,
    /// A hold may last [`super::hold::MAX_DAYS`].
    #[error("a hold would last too long")]
    EndTooFar,
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let failed = |code, message: &str| Failure::new(code, message);
        match error {
            LedgerError::InsufficientFunds => failed(Code::InsufficientFunds, "The wallet does not have so much"),
            LedgerError::WalletBlocked => failed(Code::WalletFrozen, "The wallet is blocked"),
            LedgerError::OverCap => failed(Code::Conflict, "The wallet would hold more than it may"),
            LedgerError::HoldNotActive => failed(Code::Conflict, "The hold has ended"),
            LedgerError::HoldExceeded => failed(Code::Conflict, "The hold does not have so much"),
            LedgerError::OverReversed => failed(Code::ReversalExceeds, "Less is left than is to be taken back"),
            LedgerError::QuoteExpired => failed(Code::QuoteExpired, "The quote has expired"),
            LedgerError::QuoteUsed => failed(Code::QuoteUsed, "The quote was used"),
            LedgerError::Contended => {
                failed(Code::Unavailable, "The service is busy, try again shortly").retry_after(1)
            }
            LedgerError::Malformed(_) => failed(Code::Internal, "Something went wrong here"),
        }
    }
}

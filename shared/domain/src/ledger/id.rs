//! The kinds of ids of this chapter.

use crate::id::Kind;

/// Money on its way in, from a gateway to a wallet.
#[derive(Debug)]
pub enum Payment {}
impl Kind for Payment {
    const PREFIX: &'static str = "pmt";
}

/// Money of a payment on its way back to the payer's card.
#[derive(Debug)]
pub enum Refund {}
impl Kind for Refund {
    const PREFIX: &'static str = "rfd";
}

/// Money on its way out, from a wallet to a bank.
#[derive(Debug)]
pub enum Withdrawal {}
impl Kind for Withdrawal {
    const PREFIX: &'static str = "wdr";
}

/// Money of a wallet that is set aside for one purpose.
#[derive(Debug)]
pub enum Hold {}
impl Kind for Hold {
    const PREFIX: &'static str = "hld";
}

/// An entry of the journal, and each line that it left in a wallet.
#[derive(Debug)]
pub enum Transaction {}
impl Kind for Transaction {
    const PREFIX: &'static str = "txn";
}

/// A price that holds for a while.
#[derive(Debug)]
pub enum Quote {}
impl Kind for Quote {
    const PREFIX: &'static str = "qte";
}

/// What one of the staff asks and another decides.
#[derive(Debug)]
pub enum Approval {}
impl Kind for Approval {
    const PREFIX: &'static str = "apr";
}

/// What a gateway said, once.
#[derive(Debug)]
pub enum Fact {}
impl Kind for Fact {
    const PREFIX: &'static str = "fct";
}

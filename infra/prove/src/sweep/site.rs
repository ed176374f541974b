//! A ground with what runs need on it: a caller, the clock, the mailbox, an administrator.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use devstack::cloud::Mail;
use devstack::cloud::faults::Faults;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::facts::Broken;
use super::receiver::Receiver;
use crate::client::{Client, Patience, Reply, Request, Told};
use crate::ground::{Accounts, Binaries, Ground};
use crate::setting::Setting;

/// Until then whoever asks is answered, or it is a failure.
const PATIENCE: Duration = Duration::from_secs(30);
/// Until then what follows from a request is done, or it is a failure.
const QUIET: Duration = Duration::from_secs(60);
/// What is not done after this waits for somebody who died; and it does no good to watch it wait.
const UNHURT: Duration = Duration::from_millis(1_500);
/// By then AWS hands a message out again whose receiver died: the visibility timeout of our queues.
const VISIBLE_AGAIN_SECONDS: i64 = 180;
/// By then the first waits on the due list are over, and an access token still lives.
const DUE_SECONDS: i64 = 600;

/// A ground with what runs need on it.
pub struct Site {
    ground: Ground,
    api: Client,
    control: Client,
    pub receiver: Receiver,
    administrator: Mutex<Option<String>>,
    is_tainted: AtomicBool,
}

impl Site {
    /// Starts one.
    ///
    /// # Errors
    /// In words.
    pub async fn start(setting: &Setting) -> Result<Self, String> {
        let ground = Ground::start(setting, Binaries::Debug, Accounts::Demo).await?;
        let (api, control) = (Client::new(&ground.urls().api)?, Client::new(&ground.urls().control)?);
        let receiver = Receiver::start().await?;
        Ok(Site { ground, api, control, receiver, administrator: Mutex::default(), is_tainted: AtomicBool::new(false) })
    }

    /// The faults of this ground.
    pub fn faults(&self) -> &Faults {
        self.ground.stack.cloud().faults()
    }

    /// The ground, for looking behind the functions.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// Ends it.
    pub async fn end(self) {
        self.ground.end().await;
    }

    /// Before a run: no fault, the time of this machine, and nothing under way; everything anew after a run that failed.
    pub async fn begin(&self) -> Result<(), Broken> {
        self.faults().calm();
        if self.is_tainted.swap(false, Ordering::Relaxed) {
            self.control("/control/reset", json!({})).await?;
            *self.administrator.lock().await = None;
        }
        self.set_clock(0).await?;
        self.quiet().await
    }

    /// After a run: whether others may follow it as things are.
    pub fn end_of_run(&self, held: bool) {
        self.is_tainted.fetch_or(!held, Ordering::Relaxed);
    }

    /// Asks until it is answered.
    pub async fn told(&self, request: &Request) -> Result<Told, Broken> {
        Ok(self.api.until_answered(request, Patience::of(PATIENCE)).await?)
    }

    /// Asks once, and does not care what comes.
    #[cfg(test)]
    pub async fn told_once(&self, request: &Request) {
        let _ = self.api.once(request).await;
    }

    /// Asks until it is answered, and it was not refused.
    pub async fn ask(&self, request: &Request) -> Result<Reply, Broken> {
        let told = self.told(request).await?;
        match told.reply.is_success() {
            true => Ok(told.reply),
            false => Err(Broken(format!("{request}: {}", told.reply))),
        }
    }

    /// The same as an administrator, who signs in where needed.
    pub async fn ask_as_administrator(&self, request: Request) -> Result<Reply, Broken> {
        let told = self.told_as_administrator(request.clone()).await?;
        match told.reply.is_success() {
            true => Ok(told.reply),
            false => Err(Broken(format!("{request}: {}", told.reply))),
        }
    }

    /// Asks as an administrator until it is answered.
    pub async fn told_as_administrator(&self, request: Request) -> Result<Told, Broken> {
        let told = self.told(&request.clone().token(self.administrator().await?)).await?;
        if told.reply.status != 401 {
            return Ok(told);
        }
        *self.administrator.lock().await = None;
        self.told(&request.token(self.administrator().await?)).await
    }

    /// Signs the administrator in, if not signed in.
    pub async fn administrator(&self) -> Result<String, Broken> {
        let mut held = self.administrator.lock().await;
        if let Some(token) = held.as_ref() {
            return Ok(token.clone());
        }
        let accounts = self.ground.stack.demo_accounts();
        let account = accounts.iter().find(|account| account.roles.iter().any(|role| role == "administrator"));
        let account = account.ok_or_else(|| Broken("there is no demo administrator".to_owned()))?;
        let token = self.sign_in(&account.email, &account.password).await?.0;
        *held = Some(token.clone());
        Ok(token)
    }

    /// The mails to an address, newest first.
    pub fn mails(&self, to: &str) -> Result<Vec<Mail>, Broken> {
        self.ground.stack.cloud().mails(Some(to)).map_err(|error| Broken(error.to_string()))
    }

    /// The token in the newest mail with this subject, once nothing is under way any more.
    pub async fn mailed_token(&self, to: &str, subject: &str) -> Result<String, Broken> {
        self.settle().await?;
        let mails = self.mails(to)?;
        let newest = mails.iter().find(|mail| mail.subject == subject);
        let text = newest.and_then(|mail| mail.text.as_deref()).and_then(|text| text.split_once("?token="));
        let (_, after) = text.ok_or_else(|| Broken(format!("no mail {subject:?} came")))?;
        Ok(after
            .split(|c: char| !c.is_ascii_alphanumeric() && !"._-~".contains(c))
            .next()
            .unwrap_or_default()
            .to_owned())
    }

    /// Waits until nothing is under way.
    pub async fn quiet(&self) -> Result<(), Broken> {
        self.ground.quiet(QUIET).await.map_err(Broken)
    }

    /// Waits until nothing is under way, with the time passing that it takes on AWS where somebody died or a wait began.
    /// The clock is moved, since the local queues hand out again after seconds what AWS hands out after minutes.
    pub async fn settle(&self) -> Result<(), Broken> {
        let deadline = Instant::now() + QUIET;
        while let Err(under_way) = self.ground.quiet(UNHURT).await {
            if Instant::now() >= deadline {
                return Err(Broken(under_way));
            }
            if self.faults().fired() {
                self.set_clock(VISIBLE_AGAIN_SECONDS).await?;
            }
        }
        if !self.faults().fired() {
            return Ok(());
        }
        self.set_clock(DUE_SECONDS).await?;
        self.control("/control/schedules/sweeper/run", json!({})).await?;
        self.quiet().await
    }

    /// Nothing ended where only an operator looks.
    pub async fn no_dead_letters(&self) -> Result<(), Broken> {
        let queues = self.ground.stack.cloud().queues().await.map_err(|error| Broken(error.to_string()))?;
        let dead: Vec<String> = queues
            .iter()
            .filter(|queue| queue.dlq_depth > 0)
            .map(|queue| format!("{} dead letters of {}", queue.dlq_depth, queue.name))
            .collect();
        match dead.is_empty() {
            true => Ok(()),
            false => Err(Broken(dead.join(", "))),
        }
    }

    async fn set_clock(&self, ahead_seconds: i64) -> Result<(), Broken> {
        self.control("/control/clock", json!({ "offsetSeconds": ahead_seconds })).await
    }

    async fn control(&self, path: &str, body: Value) -> Result<(), Broken> {
        let request = Request::post(path, body);
        let told = self.control.until_answered(&request, Patience::of(PATIENCE)).await?;
        match told.reply.is_success() {
            true => Ok(()),
            false => Err(Broken(format!("{request}: {}", told.reply))),
        }
    }
}

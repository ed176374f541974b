//! The whole stack in process, its functions being the probe.

mod control;
mod door;
mod fixture;
mod hooks;
mod kill;
mod life;
mod schedules;
mod sources;

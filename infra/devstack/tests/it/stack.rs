//! The whole stack in process, its functions being the probe.

mod control;
mod door;
mod faults;
mod fixture;
mod hooks;
mod life;
mod schedules;
mod sources;

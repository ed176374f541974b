//! The whole stack in process, its functions being the probe.

mod control;
mod door;
mod fixture;
mod life;
mod schedules;
mod sources;

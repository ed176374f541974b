//! The real thing: function binaries in processes of their own, behind the local cloud, over plain HTTP. Everything is
//! built and started by the tests themselves, on free ports, and ends with them.

mod binaries;
mod cargo_dev;
mod cargo_lambda;
mod checker;
mod clock;
mod dead_letters;
mod demo;
mod events;
mod first_light;
mod hostile;
mod hostile_events;
mod kills;
mod lambda_watch;
mod load;
mod local;
mod outage;
mod processes;
mod program;
mod raw;
mod start_up;
mod tables;
mod visitor;
mod waiting;
mod waits;

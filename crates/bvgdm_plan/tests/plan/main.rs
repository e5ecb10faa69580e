//! The plan on the processor against the burn modules on burn-flex.

mod frames;
mod refusals;
mod world;

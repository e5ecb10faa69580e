//! The plan on the processor against the burn modules on burn-flex.

#![expect(clippy::unwrap_used, reason = "a test ends where something is wrong")]

mod contexts;
mod cost;
mod frames;
mod passes;
mod refusals;
mod world;

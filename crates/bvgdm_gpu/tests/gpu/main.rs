//! Both GPU lowerings against the plan on the processor, pass by pass, and against burn-flex, frame
//! by frame.

#![expect(clippy::unwrap_used, reason = "a test ends where something is wrong")]

mod contexts;
mod device;
mod frames;
mod limits;
mod passes;
mod shaders;
mod steady;
#[path = "../../../bvgdm_plan/tests/plan/world.rs"]
mod world;

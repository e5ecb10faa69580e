//! The burn modules on Bevy's own device: every world that burn can play, with pictures that never
//! leave the GPU. Slower than passes, and the yardstick for them.

mod device;
mod engine;

pub(super) use device::BurnDevices;
pub(super) use engine::start;

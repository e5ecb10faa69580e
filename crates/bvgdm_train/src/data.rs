//! The recording in memory: frames as bytes, latents as floats, batches from a seed.

mod follow;
mod frames;
mod latents;
mod mirror;

pub use follow::{Followed, Follower};
pub use frames::FrameStore;
pub use latents::{LatentStore, Window};
pub use mirror::Mirror;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

/// The random numbers of one step: they follow from seed and step alone, so that a resumed run
/// draws what it would have drawn.
pub fn step_rng(seed: u64, step: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(step);
    rng
}

/// The random numbers of batches that are drawn together for the steps from `first` on: streams from
/// the other end than those of the steps.
pub fn group_rng(seed: u64, first: u64) -> ChaCha8Rng {
    step_rng(seed, u64::MAX - first)
}

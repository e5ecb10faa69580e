//! The recording in memory: frames as bytes, latents as floats, batches from a seed.

mod follow;
mod frames;
mod latents;
mod mirror;

pub use follow::{Followed, Follower};
pub use frames::FrameStore;
pub use latents::{LatentStore, Window};
pub use mirror::Mirror;

use bvgdm_core::{VaeConfig, VaeNetwork};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

/// Pixels that go through a VAE at once: 128 of the arena's frames, what keeps a graphics card busy.
const PIXELS: usize = 128 * 112 * 64;
/// A convolutional VAE has a hundred channels or more for each pixel, where a ViT has a few.
const PIXELS_OF_CONVOLUTIONS: usize = PIXELS / 8;

/// Frames that go through this VAE at once, so that memory stays in bounds whatever their size.
pub fn frames_at_once(vae: &VaeConfig) -> usize {
    let pixels = match vae.network {
        VaeNetwork::Vit(_) => PIXELS,
        VaeNetwork::Kl(_) | VaeNetwork::Tiny(_) => PIXELS_OF_CONVOLUTIONS,
    };
    (pixels / (vae.width * vae.height).max(1)).max(1)
}

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

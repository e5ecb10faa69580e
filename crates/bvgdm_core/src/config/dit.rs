//! The video DiT's sizes.

use serde::{Deserialize, Serialize};

use super::Gelu;
use crate::error::{CoreError, Result, check_range};

/// What the network's output means. With `x = α x₀ + σ ε`:
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Prediction {
    /// `v = α ε − σ x₀` (Salimans and Ho 2022), the velocity of a variance-preserving schedule (`α² + σ² = 1`),
    /// and only of one.
    V,
    /// `v = ε − x₀`, the velocity of rectified flow (Liu et al. 2022), `α + σ = 1`, and only of it.
    Flow,
    /// The clean latent `x₀`.
    Clean,
    /// The clean latent less the previous frame's: most of a frame is the last one, moved.
    Residual,
}

/// What happens to the cached context when the window slides past its first frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SlidingWindow {
    /// Every frame attends to the `window - 1` frames before it, in every block, in training and in
    /// play: a frame's keys and values never change, so the cache is exact for ever.
    Banded,
    /// The window is computed afresh from its first frame, whose positions start at zero (Oasis):
    /// once it slides, the cache is made again for each frame.
    Recomputed,
}

/// A diffusion transformer over video latents (Peebles and Xie 2023; blocks of spatial and causal
/// temporal attention as Oasis has them).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DitConfig {
    /// Channels of the latent.
    pub channels: usize,
    /// Rows of the latent.
    pub height: usize,
    /// Columns of the latent.
    pub width: usize,
    /// Latent cells a side of the square that becomes one token.
    pub patch: usize,
    /// Channels of a token, `D`.
    pub hidden: usize,
    /// Blocks.
    pub depth: usize,
    /// Heads of every attention; they divide `hidden`.
    pub heads: usize,
    /// Width of an MLP in `D`.
    pub mlp_ratio: f64,
    /// Form of the MLPs' GELU.
    pub gelu: Gelu,
    /// Frames that a frame can see, itself among them.
    pub window: usize,
    /// What the cache holds when the window slides.
    pub sliding: SlidingWindow,
    /// Values of an action vector.
    pub actions: usize,
    /// Whether the spatial half of a block has an MLP of its own, before the temporal attention.
    pub spatial_mlp: bool,
    /// Whether all blocks share one adaLN projection (PixArt-α, Chen et al. 2023) and differ by a
    /// learned offset, instead of one projection each.
    pub shared_adaln: bool,
    /// Whether tokens get a learned vector of their place in the frame.
    pub learned_positions: bool,
    /// Whether the previous frame's latent stands beside the noisy one at the input.
    pub see_previous: bool,
    /// Highest frequency of the spatial rotary positions, in half turns over the frame.
    pub spatial_rope_max_freq: f64,
    /// Base of the temporal rotary positions (RoFormer, Su et al. 2021).
    pub temporal_rope_theta: f64,
    /// What the output means.
    pub prediction: Prediction,
}

impl DitConfig {
    /// Tokens of a frame, as `[rows, columns]`.
    pub fn grid(&self) -> [usize; 2] {
        let patch = self.patch.max(1);
        [self.height / patch, self.width / patch]
    }

    /// Tokens of a frame.
    pub fn tokens(&self) -> usize {
        let [rows, columns] = self.grid();
        rows * columns
    }

    /// Channels of one head.
    pub fn head_dim(&self) -> usize {
        self.hidden / self.heads.max(1)
    }

    /// Width of an MLP.
    pub fn mlp_width(&self) -> usize {
        (self.hidden as f64 * self.mlp_ratio) as usize
    }

    /// Checks every size and range.
    ///
    /// # Errors
    /// Names the first field that is wrong.
    pub fn validate(&self) -> Result<()> {
        check_range("dit.channels", self.channels, 1, 256)?;
        check_range("dit.height", self.height, 1, 1024)?;
        check_range("dit.width", self.width, 1, 1024)?;
        check_range("dit.patch", self.patch, 1, 16)?;
        check_range("dit.hidden", self.hidden, 4, 8192)?;
        check_range("dit.depth", self.depth, 1, 128)?;
        check_range("dit.heads", self.heads, 1, 128)?;
        check_range("dit.mlp_ratio", self.mlp_ratio, 0.25, 16.0)?;
        check_range("dit.window", self.window, 1, 1024)?;
        check_range("dit.actions", self.actions, 0, 256)?;
        check_range(
            "dit.spatial_rope_max_freq",
            self.spatial_rope_max_freq,
            2.0,
            1e5,
        )?;
        check_range(
            "dit.temporal_rope_theta",
            self.temporal_rope_theta,
            1.0,
            1e9,
        )?;
        for (name, side) in [("dit.height", self.height), ("dit.width", self.width)] {
            if !side.is_multiple_of(self.patch) {
                let expected = format!("a multiple of the patch {}", self.patch);
                return Err(CoreError::invalid(name, expected, side));
            }
        }
        check_range("dit.(tokens of a frame)", self.tokens(), 1, 16384)?;
        self.check_memory()?;
        // The spatial rotary positions give each axis half a head, in pairs.
        let fits = self.hidden.is_multiple_of(self.heads) && self.head_dim().is_multiple_of(4);
        if !fits {
            return Err(CoreError::invalid(
                "dit.heads",
                format!(
                    "a divisor of {} that leaves heads of a multiple of 4",
                    self.hidden
                ),
                self.heads,
            ));
        }
        Ok(())
    }
}

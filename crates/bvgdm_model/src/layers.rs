//! Layers that the VAE and the DiT share.

mod attention;
mod level;
mod mlp;
mod norm;
mod patch;
mod rope;

pub use attention::{Attention, Heads};
pub use level::LevelEmbedder;
pub use mlp::Mlp;
pub use norm::layer_norm;
pub use patch::{ChannelOrder, patchify, unpatchify};
pub use rope::{Rope, rotate_half_order};

//! Layers that the VAE and the DiT share.

mod attention;
mod conv;
mod fused;
mod level;
mod linear;
mod mlp;
mod norm;
mod patch;
mod rope;

pub use attention::{Attention, Heads};
pub(crate) use attention::{mix, newest};
pub use conv::{conv1, conv3, double};
pub use level::LevelEmbedder;
pub use linear::linear;
pub use mlp::Mlp;
pub use norm::{add_gated, modulate, norm};
pub use patch::{ChannelOrder, patchify, unpatchify};
pub use rope::{Rope, rotate_half_order};

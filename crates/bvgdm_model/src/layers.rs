//! Layers that the VAE and the DiT share.

mod attention;
mod conv;
mod level;
mod mlp;
mod norm;
mod patch;
mod rope;

pub(crate) use attention::mix;
pub use attention::{Attention, Heads};
pub use conv::{conv1, conv3, double};
pub use level::LevelEmbedder;
pub use mlp::Mlp;
pub use norm::layer_norm;
pub use patch::{ChannelOrder, patchify, unpatchify};
pub use rope::{Rope, rotate_half_order};

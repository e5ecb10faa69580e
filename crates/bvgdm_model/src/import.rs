//! What others trained: published checkpoints, read as they are.
//!
//! Every file here is untrusted. A header is at most 2 MiB, a `config.json` at most 64 KiB, and both
//! are checked whole before a tensor is read; tensors are read one at a time.

mod diffusers;
mod json;
mod oasis;
mod piece;

pub use diffusers::{diffusers_config, is_diffusers, load_diffusers_vae, parse_diffusers_config};
pub use oasis::{OasisFiles, import_oasis, oasis_config, parse_oasis_config};

#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod actions;
mod chunk;
mod dataset;
mod episode;
mod error;
pub mod export;
mod ffmpeg;
mod files;
pub mod import;
mod metadata;
mod picture;
mod resize;
mod timeline;
pub mod video;
mod writer;

pub use dataset::{Dataset, Split};
pub use episode::Episode;
pub use error::{DataError, Result};
pub use metadata::{EpisodeMetadata, FORMAT_VERSION, FileEntry, METADATA_FILE, Recorder};
pub use picture::{read_png, write_png};
pub use resize::Fit;
pub use video::VideoWriter;
pub use writer::{EpisodeSpec, EpisodeWriter};

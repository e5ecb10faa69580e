//! Other people's recordings as episodes: videos with a log of keys and mouse (`vpt`, as OpenAI's
//! contractor data and BASALT have them), videos alone, and folders of pictures.
//!
//! Everything that is read is untrusted. Names of episodes come from names in the folder and are
//! checked, no name within a file is used as a path.

mod bindings;
mod clip;
#[cfg(feature = "csgo")]
mod csgo;
mod field;
mod folder;
mod log;
mod name;
mod pending;
mod pictures;
mod spans;
mod usual;

pub use bindings::{Bindings, Source, load_schema};
pub use clip::{ImportOptions, Imported, import_clip, imported};
#[cfg(feature = "csgo")]
pub use csgo::{CSGO_FPS, csgo_schema, import_csgo};
pub use folder::{Clip, find_clips};
pub use pictures::{PicturesOptions, import_pictures};

//! Records any Bevy game: every tick of the fixed schedule becomes one frame and one action vector
//! of an episode.
//!
//! Give the game's camera the component [`RecordedCamera`], implement
//! [`SchemaActions`](crate::SchemaActions) for its leafwing action type, add a [`RecorderPlugin`]
//! and, where somebody plays by hand, a [`HeldInputPlugin`]; press F9 or send [`StartRecording`].
//!
//! **The rate of a recording is that of the fixed schedule**, Bevy's 64 Hz unless the game sets
//! another: `Time::<Fixed>::from_hz(20.0)`. What actions move has to move in the fixed schedule.
//!
//! **Which action belongs to which frame**: `action[t]` is what the tick from frame t to frame
//! t + 1 saw in `ActionState` (in the fixed schedule). The last frame of an episode leads nowhere:
//! its line holds zeros.
//!
//! A camera of the recorder's own, beside the named one, renders at a multiple of the recorded
//! size; the picture is averaged down on the GPU and read back with the number of its tick, so
//! that no frame is lost, doubled or paired with another's action, whatever the delay.

mod assemble;
mod camera;
mod capture;
mod episode;
mod episodes;
mod error;
mod headless;
mod overlay;
mod recorder;
mod settings;
mod sink;
mod tell;

pub use crate::held::HeldInputPlugin;
pub use error::RecorderError;
pub use headless::{HeadlessError, HeadlessPlugins, finish_recordings, has_gpu, warm_up};
pub use recorder::{
    RecorderEvent, RecorderPlugin, RecorderStatus, RecorderSystems, StartRecording, StopRecording,
};
pub use settings::{RecordedCamera, RecordedPlayer, RecorderSettings};

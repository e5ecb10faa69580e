//! Records any Bevy game: every tick of the fixed schedule becomes one frame and one action vector
//! of an episode.
//!
//! Give the game's camera the component [`RecordedCamera`], implement
//! [`SchemaActions`](crate::SchemaActions) for its leafwing action type, add a [`RecorderPlugin`],
//! and press F9 or send [`StartRecording`].
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
mod episodes;
mod headless;
mod overlay;
mod recorder;
mod settings;
mod sink;

pub use headless::{HeadlessError, HeadlessPlugins, finish_recordings, has_gpu, warm_up};
pub use recorder::{
    RecorderEvent, RecorderPlugin, RecorderStatus, RecorderSystems, StartRecording, StopRecording,
};
pub use settings::{RecordedCamera, RecorderSettings};

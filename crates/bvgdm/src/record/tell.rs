//! What the recorder says where nobody asks: in the log, and of what it cannot do.

use bevy::prelude::*;

use super::error::RecorderError;
use super::recorder::{RecorderEvent, StartRecording};

/// Why this app records nothing at all.
#[derive(Resource)]
pub(super) struct Refused(pub(super) RecorderError);

/// Answers every start with the reason.
pub(super) fn refuse_recordings(
    refused: Res<Refused>,
    mut starts: MessageReader<StartRecording>,
    mut events: MessageWriter<RecorderEvent>,
) {
    for StartRecording { folder, .. } in starts.read() {
        let (folder, reason) = (folder.clone(), refused.0.clone());
        events.write(RecorderEvent::Failed { folder, reason });
    }
}

/// Writes into the log what became of recordings.
pub(super) fn log_events(mut events: MessageReader<RecorderEvent>) {
    for event in events.read() {
        match event {
            RecorderEvent::Started { folder } => info!("recording into {}", folder.display()),
            RecorderEvent::Finished { folder, frames } => {
                info!("recorded {frames} frames into {}", folder.display());
            }
            RecorderEvent::Failed { folder, reason } => {
                error!("recording into {}: {reason}", folder.display());
            }
        }
    }
}

//! What the game tells the page.

use std::cell::RefCell;

use bevy::log::error;
use bvgdm_core::{ActionKind, WorldManifest};
use js_sys::{Function, Uint8Array};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// One report: JSON, for some with a body of bytes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// The world shows its first frame.
    Ready {
        /// The world's name.
        world: String,
        /// Pixels a row.
        width: usize,
        /// Rows.
        height: usize,
        /// Frames a second.
        fps: f64,
        /// From the call of `play` to this.
        load_ms: f64,
        /// What can be done in it.
        actions: Vec<Action>,
        /// The same to a player, and with which key; `null` where there is none.
        keys: Vec<(String, Option<&'static str>)>,
    },
    /// What computes, when that was decided or has changed.
    Engine {
        /// What a person calls it.
        name: String,
        /// Why it is not the one that was asked for.
        reason: Option<String>,
        /// Whether it is the GPU.
        on_gpu: bool,
    },
    /// What the world is doing, on change.
    Status(Status),
    /// A frame is about to be shown.
    Frame {
        /// 0 for the first of a roll-out, then counting up.
        index: u64,
        /// What was held on the way to it, in the order and units of the actions of [`Ready`](Self::Ready).
        action: Vec<f32>,
        /// From the action to the latent. Of this and what follows, none where the engine does not tell its
        /// stages apart: passes on the GPU are asked for all at once.
        denoise_ms: Option<f64>,
        /// From the latent to the picture.
        decode_ms: Option<f64>,
        /// From the picture to the texture.
        upload_ms: Option<f64>,
    },
    /// How fast it goes, once a second.
    Figures {
        /// Frames of the model.
        generated_fps: f64,
        /// Frames of the page.
        display_fps: f64,
        /// Frames that were due and could not be drawn in time, in the last second.
        dropped: f64,
        /// What a frame of the model takes.
        frame_ms: f64,
    },
    /// A picture; the body is its RGBA.
    Picture {
        /// The frame's number.
        index: u64,
        /// Pixels a row.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// A script has come to its end.
    Script {
        /// Frames drawn.
        frames: usize,
        /// From the first frame to the last.
        seconds: f64,
        /// From each frame to the next.
        frame_ms: Vec<f64>,
    },
    /// The world has begun anew by itself, or goes on with another device.
    Reseeded {
        /// Why, in one line.
        reason: String,
    },
    /// The world has stopped.
    Failed {
        /// Why, in one line.
        reason: String,
    },
}

/// As [`bvgdm::WorldStatus`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not there yet.
    Loading,
    /// Frames are generated.
    Playing,
    /// Nothing moves.
    Paused,
}

/// An action of the world's schema.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Action {
    name: String,
    #[serde(flatten)]
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Kind {
    Button,
    Axis { min: f32, max: f32 },
}

thread_local! {
    static TARGET: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Reports go to this function of the page from now on.
pub fn send_to(target: Function) {
    TARGET.set(Some(target));
}

impl Report {
    /// The world has stopped for this reason.
    pub fn failed(reason: String) -> Self {
        Self::Failed { reason }
    }

    /// The world of this manifest is there; `keys` are its controls'.
    pub fn ready(
        manifest: &WorldManifest,
        load_ms: f64,
        keys: Vec<(String, Option<&'static str>)>,
    ) -> Self {
        let vae = &manifest.config.vae;
        let actions = manifest.schema.actions.iter().map(|action| Action {
            name: action.name.clone(),
            kind: match action.kind {
                ActionKind::Button => Kind::Button,
                ActionKind::Axis { min, max } => Kind::Axis { min, max },
            },
        });
        Self::Ready {
            world: manifest.name.clone(),
            width: vae.width,
            height: vae.height,
            fps: manifest.fps,
            load_ms,
            actions: actions.collect(),
            keys,
        }
    }

    /// Tells the page.
    pub fn send(&self) {
        self.call(&JsValue::UNDEFINED);
    }

    /// Tells the page, with a body.
    pub fn send_with(&self, body: &[u8]) {
        self.call(&Uint8Array::from(body));
    }

    fn call(&self, body: &JsValue) {
        // Plain structures of numbers and text: nothing in them can fail.
        let head = serde_json::to_string(self).unwrap_or_default();
        // A copy, so that the page may call back into the game.
        if let Some(target) = TARGET.with_borrow(Option::clone) {
            // What its listeners throw does not get here: game.js shows it in the console.
            if let Err(error) = target.call2(&JsValue::NULL, &head.into(), body) {
                error!("the page does not take a report: {error:?}");
            }
        }
    }
}

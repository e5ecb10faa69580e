//! The burn modules on one of burn's backends.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use burn::tensor::backend::AutodiffBackend;
use bvgdm_train::backend::Job;

use super::measure::{Measured, Took};
use crate::player::Player;
use crate::sampling::Sampling;

/// Measures a backend.
pub struct BurnBench<'a> {
    pub world: &'a Path,
    pub frames: usize,
    pub steps: Option<usize>,
}

impl Job for BurnBench<'_> {
    type Output = Result<Measured>;

    fn run<B: AutodiffBackend>(self, device: B::Device) -> Result<Measured> {
        let begin = Instant::now();
        let sampling = Sampling::of_steps(self.steps);
        let mut player = Player::<B::InnerBackend>::load(self.world, 0, 1, sampling, &device)?;
        let mut found = Measured {
            load: begin.elapsed(),
            ..Measured::default()
        };
        let schema = player.manifest.schema.clone();
        let held = super::measure::script(&schema);
        let step = |t| {
            let played = player.step(&held(t))?;
            Ok(Took {
                denoise: played.denoise,
                decode: played.decode,
                encode: None,
            })
        };
        found.play(self.frames, || None, step)?;
        Ok(found)
    }
}

//! The burn modules on one of burn's backends.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use burn::tensor::backend::AutodiffBackend;
use bvgdm_core::ActionVector;
use bvgdm_train::backend::Job;
use bvgdm_train::resident_memory_bytes;

use super::measure::{Measured, WARM_UP};
use crate::player::Player;

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
        let mut player = Player::<B::InnerBackend>::load(self.world, 0, 1, self.steps, &device)?;
        let mut found = Measured {
            load: begin.elapsed(),
            ..Measured::default()
        };
        let schema = player.manifest.schema.clone();
        let held = super::measure::script(&schema)?;
        for t in 0..WARM_UP + self.frames {
            let played = player.step(&ActionVector(held(t)))?;
            if t >= WARM_UP {
                found.denoise.push(played.denoise);
                found.decode.push(played.decode);
                found.total.push(played.denoise + played.decode);
            }
        }
        found.memory = resident_memory_bytes();
        Ok(found)
    }
}

//! What is measured, and how a world is held meanwhile.

use std::ops::Range;
use std::time::Duration;

use anyhow::Result;
use bvgdm_core::{ActionSchema, ActionScript, ActionVector};
use bvgdm_train::{peak_memory_bytes, resident_memory_bytes};

/// Frames before the clock runs: the window fills, the engine warms up.
const WARM_UP: usize = 20;
/// Frames of the first and of the last stretch that are compared with each other, at most.
const STRETCH: usize = 1000;
/// What is held; names that a world does not have are left out.
const ACTIONS: &str = "W*30 Right*10 A*15";

/// Times of many frames, in milliseconds and in their order.
#[derive(Debug, Default)]
pub struct Times(Vec<f64>);

/// What one frame took.
#[derive(Debug, Default, Clone, Copy)]
pub struct Took {
    pub denoise: Duration,
    pub decode: Duration,
    /// The processor's part of both, where a GPU does the rest.
    pub encode: Option<Duration>,
}

/// Bytes that are in use.
#[derive(Debug, Default, Clone, Copy)]
pub struct Memory {
    /// Resident memory of the process.
    pub host: Option<u64>,
    /// Allocations on the GPU.
    pub gpu: Option<u64>,
}

/// What one engine took.
#[derive(Debug, Default)]
pub struct Measured {
    pub load: Duration,
    /// After the first stretch of frames, and after the last.
    pub memory: [Memory; 2],
    /// The most memory that the process ever had, by the last frame.
    pub peak: Option<u64>,
    pub denoise: Times,
    pub decode: Times,
    pub encode: Times,
    pub total: Times,
    pub pipelines: Option<usize>,
    /// Dispatches or triangles a frame.
    pub passes: Option<usize>,
    /// Bytes a frame that its passes read and write.
    pub bytes: Option<u64>,
}

impl Measured {
    /// Draws `frames` frames after those that warm up.
    pub fn play(
        &mut self,
        frames: usize,
        gpu_memory: impl Fn() -> Option<u64>,
        mut step: impl FnMut(usize) -> Result<Took>,
    ) -> Result<()> {
        let memory = || Memory {
            host: resident_memory_bytes(),
            gpu: gpu_memory(),
        };
        let warm_up = WARM_UP.min(frames);
        for t in 0..warm_up + frames {
            let took = step(t)?;
            if t < warm_up {
                continue;
            }
            self.denoise.push(took.denoise);
            self.decode.push(took.decode);
            self.total.push(took.denoise + took.decode);
            if let Some(encode) = took.encode {
                self.encode.push(encode);
            }
            if self.total.0.len() == stretch(frames) {
                self.memory[0] = memory();
            }
        }
        self.memory[1] = memory();
        self.peak = peak_memory_bytes();
        Ok(())
    }

    /// Median ms of the first and of the last stretch of frames.
    pub fn ends(&self) -> [f64; 2] {
        let count = self.total.0.len();
        let part = stretch(count);
        [0..part, count - part..count].map(|range| self.total.median_of(range))
    }
}

/// Frames of a stretch.
pub fn stretch(frames: usize) -> usize {
    STRETCH.min(frames.div_ceil(2))
}

impl Times {
    fn push(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64() * 1e3);
    }

    pub fn median(&self) -> f64 {
        quantile(&self.0, 0.5)
    }

    pub fn p95(&self) -> f64 {
        quantile(&self.0, 0.95)
    }

    fn median_of(&self, range: Range<usize>) -> f64 {
        quantile(self.0.get(range).unwrap_or_default(), 0.5)
    }
}

/// The value below which this share lies; not a number if nothing was measured.
fn quantile(times: &[f64], share: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

/// What is held in frame `t`.
pub fn script(schema: &ActionSchema) -> impl Fn(usize) -> ActionVector + use<'_> {
    let script = ActionScript::parse_known(ACTIONS, schema);
    move |t| script.at(t, schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_frames_are_told_apart() {
        let mut found = Measured::default();
        let step = |t: usize| {
            Ok(Took {
                denoise: Duration::from_millis(t as u64),
                ..Took::default()
            })
        };
        found.play(100, || None, step).unwrap();
        // Frames 20 to 119 are counted, in two stretches of 50.
        assert_eq!(found.ends().map(f64::round), [45.0, 95.0]);
        assert_eq!((found.total.0.len(), found.encode.0.len()), (100, 0));
    }
}

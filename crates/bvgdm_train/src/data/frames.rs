//! All frames of some episodes.

use std::thread::ScopedJoinHandle;

use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};
use bvgdm_core::{Frame, VaeConfig};
use bvgdm_data::{Dataset, Episode};

use super::mirror::flip;
use crate::error::{Result, TrainError};
use crate::message::{Stage, TrainMessage};

/// Frames of an episode unpacked at once.
const PIECE: usize = 200;

/// The pixels of some episodes, one after the other, 8 bits a channel.
pub struct FrameStore {
    width: usize,
    height: usize,
    /// Rows from the top, `R G B` a pixel, frame after frame.
    bytes: Vec<u8>,
    /// First frame and length of each episode.
    episodes: Vec<(usize, usize)>,
}

impl FrameStore {
    /// Reads the episodes with these indices.
    ///
    /// # Errors
    /// When an episode cannot be read or the recording's size is not the model's.
    pub fn read(
        dataset: &Dataset,
        indices: &[usize],
        vae: &VaeConfig,
        tell: &mut dyn FnMut(TrainMessage),
    ) -> Result<Self> {
        let (width, height) = dataset.size();
        if (width, height) != (vae.width, vae.height) {
            let expected = format!("{} x {}", vae.width, vae.height);
            let found = format!("{width} x {height}");
            return Err(TrainError::unsuitable(
                "frame size of the recording",
                expected,
                found,
            ));
        }
        let chosen: Vec<&Episode> = indices
            .iter()
            .filter_map(|&i| dataset.episodes().get(i))
            .collect();
        let total: usize = chosen.iter().map(|episode| episode.len()).sum();
        let mut store = Self {
            width,
            height,
            bytes: Vec::with_capacity(total * 3 * width * height),
            episodes: Vec::with_capacity(chosen.len()),
        };
        let side_by_side = std::thread::available_parallelism().map_or(1, usize::from);
        for some in chosen.chunks(side_by_side) {
            let unpacked: Vec<_> = std::thread::scope(|threads| {
                let running: Vec<_> = some
                    .iter()
                    .map(|episode| threads.spawn(|| unpack(episode)))
                    .collect();
                running.into_iter().map(ScopedJoinHandle::join).collect()
            });
            for (episode, bytes) in some.iter().zip(unpacked) {
                store.episodes.push((store.len(), episode.len()));
                let bytes = bytes.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                store.bytes.extend(bytes?);
            }
            let (done, total) = (store.len() as u64, total as u64);
            tell(TrainMessage::Progress {
                stage: Stage::Read,
                done,
                total,
            });
        }
        if store.is_empty() {
            return Err(TrainError::unsuitable("recording", "at least one frame", 0));
        }
        Ok(store)
    }

    /// These episodes and, after them, their mirror images.
    pub fn with_mirror_images(mut self) -> Self {
        let count = self.len();
        let mirrored: Vec<u8> = flip(&self.bytes, self.width).collect();
        self.bytes.extend(mirrored);
        let again = |&(first, length): &(usize, usize)| (first + count, length);
        let episodes: Vec<_> = self.episodes.iter().map(again).collect();
        self.episodes.extend(episodes);
        self
    }

    /// Frames in all.
    pub fn len(&self) -> usize {
        self.bytes.len() / (3 * self.width * self.height)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// First frame and length of each episode.
    pub fn episodes(&self) -> &[(usize, usize)] {
        &self.episodes
    }

    /// One frame; black if there is no such frame.
    pub fn frame(&self, index: usize) -> Frame {
        let size = 3 * self.width * self.height;
        let rgb = self.bytes.get(index * size..(index + 1) * size);
        Frame {
            width: self.width,
            height: self.height,
            rgb: rgb.map_or_else(|| vec![0; size], <[u8]>::to_vec),
        }
    }

    /// Frames as `[indices, 3, height, width]` in [0, 1].
    pub fn batch<B: Backend>(&self, indices: &[usize], device: &B::Device) -> Tensor<B, 4> {
        let mut pixels = Vec::with_capacity(indices.len() * 3 * self.width * self.height);
        for &index in indices {
            self.frame(index).push_chw(&mut pixels);
        }
        let shape = [indices.len(), 3, self.height, self.width];
        Tensor::from_data(TensorData::new(pixels, shape), device)
    }
}

/// The pixels of a whole episode.
fn unpack(episode: &Episode) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for start in (0..episode.len()).step_by(PIECE) {
        for frame in episode.frames(start..episode.len().min(start + PIECE))? {
            bytes.extend_from_slice(&frame.rgb);
        }
    }
    Ok(bytes)
}

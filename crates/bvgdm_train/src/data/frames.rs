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
            let found =
                format!("{width} x {height} (networks for another size: --preset FILE.ron)");
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
            // Not reserved: how many frames there are is a claim until they are read.
            bytes: Vec::new(),
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

#[cfg(test)]
mod tests {
    use std::fs;

    use bvgdm_core::{ActionSchema, preset, sha256_hex};
    use bvgdm_data::{EpisodeMetadata, FORMAT_VERSION, FileEntry, METADATA_FILE, Recorder};

    use super::*;

    #[test]
    fn frames_that_are_only_claimed_take_no_memory_and_the_chunk_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("frames")).unwrap();
        let file = |name: String, content: &[u8]| {
            fs::write(dir.path().join(&name), content).unwrap();
            FileEntry {
                name,
                bytes: content.len() as u64,
                sha256: sha256_hex(content),
            }
        };
        // A terabyte, by files of one byte.
        let (side, frame_count, chunk_frames) = (Frame::MAX_SIDE, 20_480, 1024);
        let line = |frame| format!("{{\"frame\":{frame},\"actions\":{{}}}}\n");
        let lines: String = (0..frame_count).map(line).collect();
        let chunks = (0..frame_count / chunk_frames).map(|i| format!("frames/{i:06}.chunk"));
        let mut files = vec![file("actions.jsonl".into(), lines.as_bytes())];
        files.extend(chunks.map(|name| file(name, b"?")));
        let metadata = EpisodeMetadata {
            format_version: FORMAT_VERSION,
            game: "claims".into(),
            recorder: Recorder {
                name: "test".into(),
                version: "1".into(),
            },
            fps: 20.0,
            width: side,
            height: side,
            schema: ActionSchema {
                actions: Vec::new(),
            },
            seed: 1,
            frame_count,
            chunk_frames,
            complete: true,
            files,
        };
        let metadata = ron::to_string(&metadata).unwrap();
        fs::write(dir.path().join(METADATA_FILE), metadata).unwrap();

        let dataset = Dataset::open(dir.path()).unwrap();
        let mut vae = preset("arena").unwrap().vae;
        (vae.width, vae.height) = (side, side);
        let error = FrameStore::read(&dataset, &[0], &vae, &mut |_| {}).err();
        let error = error.unwrap().to_string();
        assert!(error.contains("000000.chunk"), "{error}");
    }
}

//! The latents and actions of some episodes.

use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};
use bvgdm_data::Dataset;
use bvgdm_model::Vae;
use rand::Rng;

use super::{FrameStore, Mirror, frames_at_once};
use crate::error::{Result, TrainError};
use crate::message::{Stage, TrainMessage};

/// Scaled latents of every frame, and the action that led to it.
pub struct LatentStore {
    shape: [usize; 3],
    actions_len: usize,
    latents: Vec<f32>,
    /// Normalised; zeros for the first frame of an episode.
    actions: Vec<f32>,
    /// First frame and length of each episode.
    episodes: Vec<(usize, usize)>,
}

/// A batch of windows.
pub struct Window<B: Backend> {
    /// `[batch, T, C, H, W]`.
    pub latents: Tensor<B, 5>,
    /// The latents of the frames before, same shape.
    pub previous: Tensor<B, 5>,
    /// The action that led to each frame, `[batch, T, actions]`.
    pub actions: Tensor<B, 3>,
}

impl LatentStore {
    /// Reads and encodes the episodes `indices` and, with `mirror`, their mirror images; also their frames.
    ///
    /// # Errors
    /// When an episode cannot be read, or the recording is not one for this VAE or has no actions.
    pub fn read<B: Backend>(
        vae: &Vae<B>,
        dataset: &Dataset,
        indices: &[usize],
        mirror: Option<&Mirror>,
        device: &B::Device,
        tell: &mut dyn FnMut(TrainMessage),
    ) -> Result<(FrameStore, Self)> {
        let mut frames = FrameStore::read(dataset, indices, vae.config(), tell)?;
        if mirror.is_some() {
            frames = frames.with_mirror_images();
        }
        let latents = Self::encode(vae, &frames, dataset, indices, mirror, device, tell)?;
        Ok((frames, latents))
    }

    /// Encodes all frames of `frames`, which are those of the episodes `indices` and, with `mirror`,
    /// their mirror images.
    ///
    /// # Errors
    /// When the recording has no actions or too short episodes.
    fn encode<B: Backend>(
        vae: &Vae<B>,
        frames: &FrameStore,
        dataset: &Dataset,
        indices: &[usize],
        mirror: Option<&Mirror>,
        device: &B::Device,
        tell: &mut dyn FnMut(TrainMessage),
    ) -> Result<Self> {
        let schema = dataset.schema();
        let shape = vae.config().latent_shape();
        let mut actions = Vec::with_capacity(frames.len() * schema.len());
        for episode in indices.iter().filter_map(|&i| dataset.episodes().get(i)) {
            actions.extend(std::iter::repeat_n(0.0, schema.len()));
            let leading = episode.len().saturating_sub(1);
            for action in episode.actions().iter().take(leading) {
                actions.extend(schema.normalize(action));
            }
        }
        if let Some(mirror) = mirror {
            let rows = actions.chunks_exact(schema.len());
            let mirrored: Vec<f32> = rows.flat_map(|row| mirror.action(row)).collect();
            actions.extend(mirrored);
        }
        if actions.len() != frames.len() * schema.len() {
            let (expected, found) = (frames.len() * schema.len(), actions.len());
            return Err(TrainError::unsuitable(
                "actions of the recording",
                expected,
                found,
            ));
        }
        let mut latents = Vec::with_capacity(frames.len() * shape.iter().product::<usize>());
        let at_once = frames_at_once(vae.config());
        for start in (0..frames.len()).step_by(at_once) {
            let piece: Vec<usize> = (start..frames.len().min(start + at_once)).collect();
            let encoded = vae.encode(frames.batch(&piece, device)).into_data();
            latents.extend(encoded.iter::<f32>());
            let (done, total) = ((start + piece.len()) as u64, frames.len() as u64);
            tell(TrainMessage::Progress {
                stage: Stage::Encode,
                done,
                total,
            });
        }
        Ok(Self {
            shape,
            actions_len: schema.len(),
            latents,
            actions,
            episodes: frames.episodes().to_vec(),
        })
    }

    /// Puts the episodes of another store of the same world behind its own.
    pub fn append(&mut self, other: Self) {
        let count = self.actions.len() / self.actions_len;
        self.latents.extend(other.latents);
        self.actions.extend(other.actions);
        let moved = other.episodes.into_iter();
        self.episodes
            .extend(moved.map(|(first, len)| (first + count, len)));
    }

    /// First frame and length of each episode.
    pub fn episodes(&self) -> &[(usize, usize)] {
        &self.episodes
    }

    /// `count` random first frames of windows of `length` frames that have a frame before them.
    ///
    /// # Errors
    /// When no episode is long enough.
    pub fn draw(&self, rng: &mut impl Rng, count: usize, length: usize) -> Result<Vec<usize>> {
        let long: Vec<_> = self
            .episodes
            .iter()
            .filter(|(_, len)| *len > length)
            .collect();
        let places: usize = long.iter().map(|(_, len)| len - length).sum();
        if places == 0 {
            let longest = self.episodes.iter().map(|(_, len)| *len).max().unwrap_or(0);
            return Err(TrainError::unsuitable(
                "longest episode of the recording",
                format!("more than {length} frames"),
                longest,
            ));
        }
        let starts = (0..count).map(|_| {
            let mut place = rng.random_range(0..places);
            for (first, len) in &long {
                if place < len - length {
                    return first + 1 + place;
                }
                place -= len - length;
            }
            1
        });
        Ok(starts.collect())
    }

    /// The windows of `length` frames that begin at `starts`.
    pub fn windows<B: Backend>(
        &self,
        starts: &[usize],
        length: usize,
        device: &B::Device,
    ) -> Window<B> {
        let [c, h, w] = self.shape;
        let batch = starts.len();
        // With the frame before.
        let cut = |from: &[f32], size: usize| {
            let mut out = Vec::with_capacity(batch * (length + 1) * size);
            for &start in starts {
                let first = start.saturating_sub(1);
                out.extend_from_slice(&from[first * size..(start + length) * size]);
            }
            out
        };
        let latents = cut(&self.latents, c * h * w);
        let latents = TensorData::new(latents, [batch, length + 1, c, h, w]);
        let latents = Tensor::<B, 5>::from_data(latents, device);
        let actions = cut(&self.actions, self.actions_len);
        let actions = TensorData::new(actions, [batch, length + 1, self.actions_len]);
        Window {
            latents: latents.clone().narrow(1, 1, length),
            previous: latents.narrow(1, 0, length),
            actions: Tensor::from_data(actions, device).narrow(1, 1, length),
        }
    }
}

impl<B: Backend> Window<B> {
    /// `count` of these windows.
    pub fn narrow(&self, from: usize, count: usize) -> Self {
        Self {
            latents: self.latents.clone().narrow(0, from, count),
            previous: self.previous.clone().narrow(0, from, count),
            actions: self.actions.clone().narrow(0, from, count),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use burn_flex::{Flex, FlexDevice};
    use bvgdm_core::{ActionSchema, ActionSpec, ActionVector, Frame, preset};
    use bvgdm_data::{EpisodeSpec, EpisodeWriter};

    use super::*;
    use crate::data::step_rng;

    const SIDE: usize = 16;
    const FRAMES: usize = 5;

    /// Two episodes in whose frame t all is as grey as t says, and t is held on the way to the next.
    fn recorded(root: &Path) -> Dataset {
        let actions = [
            ActionSpec::button("go"),
            ActionSpec::axis("turn", -9.0, 9.0),
        ];
        for (name, grey) in [("a", 0), ("b", 100)] {
            let spec = EpisodeSpec {
                game: "grey".into(),
                fps: 20.0,
                width: SIDE,
                height: SIDE,
                schema: ActionSchema::new(actions.clone()).unwrap(),
                seed: 0,
            };
            let mut writer = EpisodeWriter::create(&root.join(name), spec).unwrap();
            for t in 0..FRAMES {
                let grey = vec![(grey + 20 * t) as u8; 3 * SIDE * SIDE];
                let action = ActionVector(vec![(t % 2) as f32, t as f32]);
                let frame = Frame::new(SIDE, SIDE, grey).unwrap();
                writer.push(&frame, &action).unwrap();
            }
            writer.finish().unwrap();
        }
        Dataset::open(root).unwrap()
    }

    fn read(dataset: &Dataset, vae: &Vae<Flex>, indices: &[usize]) -> (FrameStore, LatentStore) {
        LatentStore::read(vae, dataset, indices, None, &FlexDevice, &mut |_| {}).unwrap()
    }

    fn vae() -> Vae<Flex> {
        let mut sizes = preset("arena").unwrap().vae;
        (sizes.width, sizes.height) = (SIDE, SIDE);
        Vae::new(&sizes, &FlexDevice)
    }

    fn near<const D: usize>(found: Tensor<Flex, D>, expected: Tensor<Flex, D>) {
        let off = (found - expected).abs().max().into_scalar();
        assert!(off < 1e-4, "{off}");
    }

    #[test]
    fn a_frame_comes_with_the_action_that_led_to_it_and_the_frame_before() {
        let root = tempfile::tempdir().unwrap();
        let dataset = recorded(root.path());
        let vae = vae();
        let (frames, store) = read(&dataset, &vae, &[0, 1]);
        let encoded = |indices: &[usize]| {
            let latents = vae.encode(frames.batch::<Flex>(indices, &FlexDevice));
            latents.unsqueeze::<5>()
        };
        for first in [0, FRAMES] {
            let window = store.windows::<Flex>(&[first + 2], 2, &FlexDevice);
            near(window.latents, encoded(&[first + 2, first + 3]));
            near(window.previous, encoded(&[first + 1, first + 2]));
            let led = [[1.0, 1.0], [0.0, 2.0]]
                .map(|[go, turn]| dataset.schema().normalize(&ActionVector(vec![go, turn])));
            let led = TensorData::new(led.concat(), [1, 2, 2]);
            near(window.actions, Tensor::from_data(led, &FlexDevice));
        }
    }

    #[test]
    fn what_is_found_later_stands_behind_what_was_there() {
        let root = tempfile::tempdir().unwrap();
        let dataset = recorded(root.path());
        let vae = vae();
        let (_, whole) = read(&dataset, &vae, &[0, 1]);
        let (_, mut grown) = read(&dataset, &vae, &[0]);
        grown.append(read(&dataset, &vae, &[1]).1);
        assert_eq!(grown.episodes(), whole.episodes());
        for start in [1, FRAMES + 1] {
            let [a, b] =
                [&whole, &grown].map(|store| store.windows::<Flex>(&[start], 3, &FlexDevice));
            near(b.latents, a.latents);
            near(b.actions, a.actions);
        }
    }

    #[test]
    fn windows_are_drawn_within_episodes_from_every_place() {
        let root = tempfile::tempdir().unwrap();
        let dataset = recorded(root.path());
        let (_, store) = read(&dataset, &vae(), &[0, 1]);
        let mut starts = store.draw(&mut step_rng(1, 0), 200, 3).unwrap();
        starts.sort_unstable();
        starts.dedup();
        // With a frame before them and three of their own.
        assert_eq!(starts, [1, 2, FRAMES + 1, FRAMES + 2]);
        let error = store.draw(&mut step_rng(1, 0), 1, FRAMES).unwrap_err();
        assert!(error.to_string().contains("more than 5 frames"), "{error}");
    }
}

//! Episodes that are recorded while a run trains.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryIter, channel};
use std::thread;
use std::time::Duration;

use burn::tensor::backend::Backend;
use bvgdm_core::VaeConfig;
use bvgdm_data::Dataset;
use bvgdm_model::Vae;

use super::{FrameStore, LatentStore, Mirror};
use crate::error::Result;

/// How often the folder is looked into.
const EVERY: Duration = Duration::from_secs(2);

/// Episodes that have come into the folder.
pub struct Found {
    /// What is to be trained on.
    pub latents: LatentStore,
    /// Frames of the episodes, without their mirror images.
    pub frames: usize,
    /// How many episodes.
    pub episodes: usize,
}

/// Looks for new episodes, reads and encodes them on a thread of its own, which ends with it.
pub struct Follower {
    found: Receiver<Result<Found>>,
    _alive: Sender<()>,
}

/// What the thread has.
pub struct Followed<B: Backend> {
    /// What has been found so far.
    pub dataset: Dataset,
    /// Share and seed of the split: held-out episodes are not trained on.
    pub held_out: (f64, u64),
    /// What makes latents of frames.
    pub vae: Vae<B>,
    /// Its sizes.
    pub sizes: VaeConfig,
    /// Of mirror images, which are trained on too.
    pub mirror: Option<Mirror>,
    /// Where it computes.
    pub device: B::Device,
}

impl Follower {
    /// Begins to look.
    pub fn begin<B: Backend>(mut followed: Followed<B>) -> Self {
        let (give, found) = channel();
        let (alive, ended) = channel::<()>();
        thread::spawn(move || {
            let mut refused = HashSet::new();
            while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                for outcome in followed.look(&mut refused) {
                    if give.send(outcome).is_err() {
                        return;
                    }
                }
            }
        });
        Self {
            found,
            _alive: alive,
        }
    }

    /// What was found since it was last asked, and what of it could not be used.
    pub fn found(&self) -> TryIter<'_, Result<Found>> {
        self.found.try_iter()
    }
}

impl<B: Backend> Followed<B> {
    /// New episodes; those that cannot be used are an error each, once.
    fn look(&mut self, refused: &mut HashSet<PathBuf>) -> Vec<Result<Found>> {
        let (new, errors) = self.dataset.grow(refused);
        let mut outcomes: Vec<_> = errors.into_iter().map(|e| Err(e.into())).collect();
        let (share, seed) = self.held_out;
        let train: Vec<usize> = new
            .into_iter()
            .filter(|&i| !self.dataset.is_held_out(i, share, seed))
            .collect();
        if !train.is_empty() {
            outcomes.push(self.encode(&train));
        }
        outcomes
    }

    fn encode(&self, indices: &[usize]) -> Result<Found> {
        let tell = &mut |_| {};
        let mut store = FrameStore::read(&self.dataset, indices, &self.sizes, tell)?;
        let frames = store.len();
        let mirror = self.mirror.as_ref();
        if mirror.is_some() {
            store = store.with_mirror_images();
        }
        let (dataset, device) = (&self.dataset, &self.device);
        let latents =
            LatentStore::encode(&self.vae, &store, dataset, indices, mirror, device, tell)?;
        Ok(Found {
            latents,
            frames,
            episodes: indices.len(),
        })
    }
}

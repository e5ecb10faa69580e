//! Episodes that are recorded while a run trains.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryIter, channel};
use std::thread;
use std::time::Duration;

use burn::tensor::backend::Backend;
use bvgdm_data::{Dataset, Episode};
use bvgdm_model::Vae;

use super::{LatentStore, Mirror};
use crate::error::Result;

/// How often the folder is looked into.
const EVERY: Duration = Duration::from_secs(2);

/// An episode that has come into the folder.
pub struct Found {
    /// What is to be trained on.
    pub latents: LatentStore,
    /// Its frames, without their mirror images.
    pub frames: usize,
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
        // The processor's threads may all be busy with the training until it ends.
        thread::spawn(move || {
            bvgdm_kernels::apart(move || {
                let mut refused = HashSet::new();
                while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                    let (new, errors) = followed.dataset.grow(&mut refused);
                    let errors = errors.into_iter().map(|error| Err(error.into()));
                    let found = new.filter_map(|i| followed.read(i).transpose());
                    for outcome in errors.chain(found) {
                        if give.send(outcome).is_err() {
                            return;
                        }
                    }
                }
            });
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
    /// A new episode, if it is one to train on. By itself: one that is damaged costs no other.
    fn read(&self, index: usize) -> Result<Option<Found>> {
        let (share, seed) = self.held_out;
        if self.dataset.is_held_out(index, share, seed) {
            return Ok(None);
        }
        let (dataset, device, mirror) = (&self.dataset, &self.device, self.mirror.as_ref());
        let (_, latents) =
            LatentStore::read(&self.vae, dataset, &[index], mirror, device, &mut |_| {})?;
        let frames = dataset.episodes().get(index).map_or(0, Episode::len);
        Ok(Some(Found { latents, frames }))
    }
}

//! Many episodes of one game, and their split into train and held-out.

use std::collections::HashSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bvgdm_core::{ActionSchema, sha256_hex};

use crate::episode::Episode;
use crate::error::{DataError, Result};
use crate::files::PARTIAL;
use crate::metadata::METADATA_FILE;

/// How far below its root a data set looks for episodes.
const MAX_DEPTH: usize = 8;

/// All episodes below a folder, sorted by path; same actions, size and frame rate.
#[derive(Debug, Clone)]
pub struct Dataset {
    root: PathBuf,
    episodes: Vec<Episode>,
}

/// The indices of whole episodes, each list ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// To train on.
    pub train: Vec<usize>,
    /// To measure on.
    pub held_out: Vec<usize>,
}

impl Dataset {
    /// Opens every episode in `root` and below it. Those without a frame (killed within their
    /// first chunk) are left out, and so are imports that are not finished (`NAME.partial`).
    ///
    /// # Errors
    /// When there is none, one is damaged, or two do not belong together.
    pub fn open(root: &Path) -> Result<Self> {
        let mut dirs = Vec::new();
        find_episodes(root, 0, &mut dirs)?;
        dirs.sort();
        let mut episodes: Vec<Episode> = Vec::new();
        for dir in dirs {
            let episode = Episode::open(&dir)?;
            if let Some(first) = episodes.first() {
                check_same(first, &episode)?;
            }
            if !episode.is_empty() {
                episodes.push(episode);
            }
        }
        if episodes.is_empty() {
            return Err(DataError::Empty {
                root: root.to_owned(),
                file: METADATA_FILE,
            });
        }
        Ok(Self {
            root: root.to_owned(),
            episodes,
        })
    }

    /// Leaves out those that are still being recorded, for [`grow`](Self::grow) to add when they are complete;
    /// how many.
    ///
    /// # Errors
    /// When no other is left.
    pub fn only_complete(&mut self) -> Result<usize> {
        let all = self.episodes.len();
        self.episodes.retain(|episode| episode.metadata().complete);
        match self.episodes.len() {
            0 => Err(DataError::invalid(
                &self.root,
                "episodes",
                "at least one that is complete",
                format!("{all} that are still being recorded, or were never ended"),
            )),
            left => Ok(all - left),
        }
    }

    /// Adds the complete episodes that have come into the folder since, behind the others; their indices.
    /// Those that cannot be added are an error each, and `refused` from then on.
    pub fn grow(&mut self, refused: &mut HashSet<PathBuf>) -> (Range<usize>, Vec<DataError>) {
        let first_new = self.episodes.len();
        let mut dirs = Vec::new();
        let mut errors = Vec::new();
        if let Err(error) = find_episodes(&self.root, 0, &mut dirs)
            && refused.insert(self.root.clone())
        {
            errors.push(error);
        }
        let known: HashSet<_> = self.episodes.iter().map(|e| e.dir().to_owned()).collect();
        dirs.retain(|dir| !known.contains(dir) && !refused.contains(dir));
        dirs.sort();
        for dir in dirs {
            let checked = Episode::open(&dir).and_then(|episode| {
                let same = self
                    .episodes
                    .first()
                    .map(|first| check_same(first, &episode));
                same.unwrap_or(Ok(())).map(|()| episode)
            });
            match checked {
                // The others are still being recorded.
                Ok(episode) if episode.metadata().complete && !episode.is_empty() => {
                    self.episodes.push(episode);
                }
                Ok(_) => {}
                Err(error) => {
                    refused.insert(dir);
                    errors.push(error);
                }
            }
        }
        (first_new..self.episodes.len(), errors)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The episodes, at least one.
    pub fn episodes(&self) -> &[Episode] {
        &self.episodes
    }

    /// How many frames all episodes have together.
    pub fn frame_count(&self) -> usize {
        self.episodes.iter().map(Episode::len).sum()
    }

    /// The actions of every episode.
    pub fn schema(&self) -> &ActionSchema {
        static NONE: ActionSchema = ActionSchema {
            actions: Vec::new(),
        };
        self.episodes.first().map_or(&NONE, Episode::schema)
    }

    /// Pixels a row and rows of every frame.
    pub fn size(&self) -> (usize, usize) {
        let metadata = self.episodes.first().map(Episode::metadata);
        metadata.map_or((0, 0), |m| (m.width, m.height))
    }

    /// Frames a second.
    pub fn fps(&self) -> f64 {
        self.episodes.first().map_or(0.0, |e| e.metadata().fps)
    }

    /// Splits by whole episodes: about `held_out_fraction` of them held out, at least one when
    /// there are two or more, and at least one to train on.
    ///
    /// An episode's side depends on the seed and its own path below the root alone, so that no
    /// episode changes sides when others are added (but for the guarantee of at least one).
    pub fn split(&self, held_out_fraction: f64, seed: u64) -> Split {
        let count = self.episodes.len();
        let mut order: Vec<(String, usize)> = self
            .episodes
            .iter()
            .enumerate()
            .map(|(i, episode)| (self.lot(episode, seed), i))
            .collect();
        order.sort();
        let wanted = order.partition_point(|(lot, _)| share(lot) < held_out_fraction);
        let wanted = if count < 2 {
            0
        } else {
            wanted.clamp(1, count - 1)
        };
        let (held_out, train) = order.split_at(wanted);
        let indices = |part: &[(String, usize)]| {
            let mut indices: Vec<usize> = part.iter().map(|(_, i)| *i).collect();
            indices.sort_unstable();
            indices
        };
        Split {
            train: indices(train),
            held_out: indices(held_out),
        }
    }

    /// Whether an episode is on the held-out side of [`split`](Self::split), but for the guarantee of at
    /// least one.
    pub fn is_held_out(&self, index: usize, held_out_fraction: f64, seed: u64) -> bool {
        let episode = self.episodes.get(index);
        episode.is_some_and(|episode| share(&self.lot(episode, seed)) < held_out_fraction)
    }

    /// The lot that an episode draws: as good as random, and the same on every machine.
    fn lot(&self, episode: &Episode, seed: u64) -> String {
        let path = episode.dir().strip_prefix(&self.root);
        let path = path.unwrap_or(episode.dir());
        let name: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        sha256_hex(format!("{seed}/{}", name.join("/")).as_bytes())
    }
}

/// A lot as a fraction: evenly spread hexadecimal digits, of which the first 8 say enough.
fn share(lot: &str) -> f64 {
    let digits = lot
        .get(..8)
        .and_then(|digits| u32::from_str_radix(digits, 16).ok());
    f64::from(digits.unwrap_or(u32::MAX)) / 4_294_967_296.0
}

fn find_episodes(dir: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<()> {
    if dir.join(METADATA_FILE).is_file() {
        found.push(dir.to_owned());
        return Ok(());
    }
    if depth == MAX_DEPTH {
        return Ok(());
    }
    let io = |e| DataError::io(dir, e);
    for entry in fs::read_dir(dir).map_err(io)? {
        let entry = entry.map_err(io)?;
        let partial = entry.file_name().to_string_lossy().ends_with(PARTIAL);
        // Links are not followed: they may lead round in a circle.
        if entry.file_type().map_err(io)?.is_dir() && !partial {
            find_episodes(&entry.path(), depth + 1, found)?;
        }
    }
    Ok(())
}

fn check_same(first: &Episode, second: &Episode) -> Result<()> {
    let differs = |field, first_value, second_value| {
        Err(DataError::Mismatch {
            field,
            first: first.dir().to_owned(),
            first_value,
            second: second.dir().to_owned(),
            second_value,
        })
    };
    let (a, b) = (first.metadata(), second.metadata());
    if (a.width, a.height) != (b.width, b.height) {
        let size = |w, h| format!("{w} x {h}");
        return differs("size", size(a.width, a.height), size(b.width, b.height));
    }
    if a.fps != b.fps {
        return differs("fps", a.fps.to_string(), b.fps.to_string());
    }
    if a.schema != b.schema {
        let list = |schema: &ActionSchema| format!("{:?}", schema.actions);
        return differs("schema", list(&a.schema), list(&b.schema));
    }
    Ok(())
}

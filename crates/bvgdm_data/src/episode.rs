//! Reading an episode.

use std::fs::{self, File};
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bvgdm_core::{ActionSchema, ActionVector, Frame, read_bounded, sha256_hex};

use crate::actions;
use crate::chunk::{Chunk, ChunkShape};
use crate::error::{DataError, Result};
use crate::metadata::{EpisodeMetadata, FileEntry, MAX_METADATA_BYTES, METADATA_FILE};

/// An episode whose metadata, sizes and actions have been checked. Frames are read when asked for.
#[derive(Debug, Clone)]
pub struct Episode {
    dir: PathBuf,
    metadata: EpisodeMetadata,
    actions: Vec<ActionVector>,
}

impl Episode {
    /// Opens the episode in `dir`. Of a recording that was killed, the finished chunks.
    ///
    /// # Errors
    /// When a file is missing or has another size than stated, the actions have another checksum, or a
    /// field is out of bounds.
    pub fn open(dir: &Path) -> Result<Self> {
        let file = dir.join(METADATA_FILE);
        let text = read_bounded(&file, MAX_METADATA_BYTES)
            .map_err(|e| DataError::from_core(e, &file, ""))?;
        let metadata = EpisodeMetadata::parse(&text, &file)?;
        let mut episode = Self {
            dir: dir.to_owned(),
            metadata,
            actions: Vec::new(),
        };
        let [actions, chunks @ ..] = episode.metadata.files.as_slice() else {
            return Err(DataError::invalid(&file, "files", "at least one", 0));
        };
        for chunk in chunks {
            episode.check_size(chunk)?;
        }
        let path = episode.dir.join(&actions.name);
        let lines = episode.read(actions)?;
        let (count, schema) = (episode.metadata.frame_count, &episode.metadata.schema);
        episode.actions = actions::parse(&lines, count, schema, &path)?;
        Ok(episode)
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What `metadata.ron` says.
    pub fn metadata(&self) -> &EpisodeMetadata {
        &self.metadata
    }

    /// How many frames there are.
    pub fn len(&self) -> usize {
        self.metadata.frame_count
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One vector a frame: `actions()[t]` is held between frame t and frame t + 1, so the last
    /// leads out of the episode.
    pub fn actions(&self) -> &[ActionVector] {
        &self.actions
    }

    /// The actions that were recorded.
    pub fn schema(&self) -> &ActionSchema {
        &self.metadata.schema
    }

    /// Reads the frames of `range`, from the chunks that hold them.
    ///
    /// # Errors
    /// When the range leaves the episode, or a chunk is damaged or has another checksum than stated.
    pub fn frames(&self, range: Range<usize>) -> Result<Vec<Frame>> {
        if range.start > range.end || range.end > self.len() {
            return Err(DataError::OutOfRange {
                episode: self.dir.clone(),
                range,
                frames: self.len(),
            });
        }
        let size = self.metadata.chunk_frames;
        let mut frames = Vec::with_capacity(range.len());
        let mut next = range.start;
        while next < range.end {
            let index = next / size;
            let first = index * size;
            let end = range.end.min(first + self.metadata.frames_in_chunk(index));
            self.read_chunk(index, next - first..end - first, &mut frames)?;
            next = end;
        }
        Ok(frames)
    }

    fn read_chunk(&self, index: usize, range: Range<usize>, out: &mut Vec<Frame>) -> Result<()> {
        let Some(entry) = self.metadata.files.get(index + 1) else {
            return Ok(());
        };
        let path = self.dir.join(&entry.name);
        let bytes = self.read(entry)?;
        let shape = ChunkShape {
            first_frame: index * self.metadata.chunk_frames,
            width: self.metadata.width,
            height: self.metadata.height,
            frames: self.metadata.frames_in_chunk(index),
        };
        let chunk = Chunk::parse(&bytes, shape, &path)?;
        for i in range {
            out.push(chunk.frame(i)?);
        }
        Ok(())
    }

    /// Reads the part of a file that the list counts in, once the disk has that much, and compares its
    /// SHA-256: next to decoding the pictures that costs little.
    fn read(&self, entry: &FileEntry) -> Result<Vec<u8>> {
        self.check_size(entry)?;
        let path = self.dir.join(&entry.name);
        let mut content = Vec::new();
        File::open(&path)
            .and_then(|file| file.take(entry.bytes).read_to_end(&mut content))
            .map_err(|e| DataError::io(&path, e))?;
        let found = sha256_hex(&content);
        if found != entry.sha256 {
            return Err(DataError::Checksum {
                file: path,
                expected: entry.sha256.clone(),
                found,
            });
        }
        Ok(content)
    }

    /// Checks the size on the disk. The actions of a killed recording may have lines that no finished
    /// chunk belongs to.
    fn check_size(&self, entry: &FileEntry) -> Result<()> {
        let path = self.dir.join(&entry.name);
        let found = fs::metadata(&path).map_err(|e| DataError::io(&path, e))?;
        if !found.is_file() {
            return Err(DataError::invalid(
                &path,
                "kind",
                "a file",
                "something else",
            ));
        }
        let len = found.len();
        let may_be_longer = !self.metadata.complete && entry.name == actions::ACTIONS_FILE;
        if len == entry.bytes || (may_be_longer && len > entry.bytes) {
            Ok(())
        } else {
            let expected = format!("{} bytes, as {METADATA_FILE} says", entry.bytes);
            Err(DataError::invalid(&path, "size", expected, len))
        }
    }
}

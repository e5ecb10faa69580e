//! Writing an episode, chunk by chunk.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use bvgdm_core::{ActionSchema, ActionVector, Frame, sha256_hex, write_atomic};
use sha2::{Digest as _, Sha256};

use crate::actions::{self, ACTIONS_FILE};
use crate::chunk::{self, ChunkShape};
use crate::error::{DataError, Result};
use crate::files::replace;
use crate::metadata::{EpisodeMetadata, FORMAT_VERSION, FileEntry, METADATA_FILE, Recorder};
use crate::picture;

/// Frames a chunk: one second at 20 Hz, and a window of 32 frames touches at most three files.
const CHUNK_FRAMES: usize = 20;

/// What is known of an episode before its first frame.
#[derive(Debug, Clone, PartialEq)]
pub struct EpisodeSpec {
    /// The name of the game.
    pub game: String,
    /// Frames a second, 0.1 to 1000.
    pub fps: f64,
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The actions that are recorded.
    pub schema: ActionSchema,
    /// The seed from which the game started.
    pub seed: u64,
}

/// Writes one episode.
///
/// Every finished chunk is on the disk before the metadata says so, and each file appears whole
/// under its name: a recording killed at any moment leaves a readable episode of all finished
/// chunks. Dropping the writer without [`finish`](Self::finish) is such a kill.
#[derive(Debug)]
pub struct EpisodeWriter {
    dir: PathBuf,
    metadata: EpisodeMetadata,
    actions: File,
    actions_hash: Sha256,
    pending: Pending,
}

/// The frames and lines that are not on the disk yet.
#[derive(Debug, Default)]
struct Pending {
    pngs: Vec<Vec<u8>>,
    lines: String,
}

impl EpisodeWriter {
    /// Makes the folder `dir` and an empty episode in it.
    ///
    /// # Errors
    /// When `dir` already holds an episode, `spec` has a value out of bounds, or the disk refuses.
    pub fn create(dir: &Path, spec: EpisodeSpec) -> Result<Self> {
        let file = dir.join(METADATA_FILE);
        if file.exists() {
            return Err(DataError::invalid(
                &file,
                "episode",
                "a folder without one",
                "one that is already recorded",
            ));
        }
        let actions_hash = Sha256::new();
        let actions_entry = FileEntry {
            name: ACTIONS_FILE.to_owned(),
            bytes: 0,
            sha256: digest(&actions_hash),
        };
        let metadata = EpisodeMetadata {
            format_version: FORMAT_VERSION,
            game: spec.game,
            recorder: Recorder {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            fps: spec.fps,
            width: spec.width,
            height: spec.height,
            schema: spec.schema,
            seed: spec.seed,
            frame_count: 0,
            chunk_frames: CHUNK_FRAMES,
            complete: false,
            files: vec![actions_entry],
        };
        metadata.check(&file)?;
        let frames = dir.join("frames");
        fs::create_dir_all(&frames).map_err(|e| DataError::io(frames, e))?;
        let path = dir.join(ACTIONS_FILE);
        let actions = File::create(&path).map_err(|e| DataError::io(path, e))?;
        let writer = Self {
            dir: dir.to_owned(),
            metadata,
            actions,
            actions_hash,
            pending: Pending::default(),
        };
        replace(&file, writer.metadata.to_text(&file)?.as_bytes())?;
        Ok(writer)
    }

    /// Adds frame t and the action that is held from t to t + 1.
    ///
    /// # Errors
    /// When the frame has another size, the action is outside the schema, or the disk refuses; in
    /// the last case the frames since the last finished chunk are kept and written by the next
    /// call.
    pub fn push(&mut self, frame: &Frame, action: &ActionVector) -> Result<()> {
        // Left over from a call that could not write.
        if self.pending.pngs.len() >= self.metadata.chunk_frames {
            self.write_chunk()?;
        }
        let index = self.len();
        self.check(index, frame, action)?;
        let png = picture::encode(frame).map_err(|message| DataError::Picture {
            file: self.dir.clone(),
            field: format!("frame {index}"),
            message,
        })?;
        self.pending.pngs.push(png);
        actions::push_line(
            &mut self.pending.lines,
            index,
            &self.metadata.schema,
            action,
        );
        if self.pending.pngs.len() >= self.metadata.chunk_frames {
            self.write_chunk()?;
        }
        Ok(())
    }

    /// Writes what is left and marks the episode as complete.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(mut self) -> Result<EpisodeMetadata> {
        if !self.pending.pngs.is_empty() {
            self.add_chunk()?;
        }
        self.metadata.complete = true;
        let actions = self.dir.join(ACTIONS_FILE);
        self.actions
            .sync_all()
            .map_err(|e| DataError::io(actions, e))?;
        let file = self.dir.join(METADATA_FILE);
        let text = self.metadata.to_text(&file)?;
        write_atomic(&file, text.as_bytes()).map_err(|e| DataError::from_core(e, &file, ""))?;
        Ok(self.metadata)
    }

    /// How many frames were pushed.
    pub fn len(&self) -> usize {
        self.metadata.frame_count + self.pending.pngs.len()
    }

    /// Whether no frame was pushed yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The episode's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn check(&self, index: usize, frame: &Frame, action: &ActionVector) -> Result<()> {
        let metadata = &self.metadata;
        let most = metadata.max_frames();
        if index >= most {
            let expected = format!("at most {most}");
            return Err(DataError::invalid(
                &self.dir,
                "frame_count",
                expected,
                index + 1,
            ));
        }
        // The fields of a frame are public, so its bytes are counted again.
        let area = metadata.width * metadata.height;
        if (frame.width, frame.height) != (metadata.width, metadata.height)
            || frame.rgb.len() != area * 3
        {
            return Err(DataError::invalid(
                &self.dir,
                format!("frame {index}"),
                format!("{} x {} pixels", metadata.width, metadata.height),
                format!(
                    "{} x {} in {} bytes",
                    frame.width,
                    frame.height,
                    frame.rgb.len()
                ),
            ));
        }
        metadata
            .schema
            .check(action)
            .map_err(|e| DataError::from_core(e, &self.dir, &format!("frame {index}")))
    }

    /// Chunk first, then the actions, then the metadata that counts them in.
    fn write_chunk(&mut self) -> Result<()> {
        self.add_chunk()?;
        let file = self.dir.join(METADATA_FILE);
        replace(&file, self.metadata.to_text(&file)?.as_bytes())
    }

    fn add_chunk(&mut self) -> Result<()> {
        let shape = ChunkShape {
            first_frame: self.metadata.frame_count,
            width: self.metadata.width,
            height: self.metadata.height,
            frames: self.pending.pngs.len(),
        };
        let name = chunk::file_name(self.metadata.chunk_count());
        let bytes = chunk::build(shape, &self.pending.pngs);
        replace(&self.dir.join(&name), &bytes)?;
        self.append_actions()?;
        self.metadata.files.push(FileEntry {
            name,
            bytes: bytes.len() as u64,
            sha256: sha256_hex(&bytes),
        });
        self.metadata.frame_count += shape.frames;
        self.pending = Pending::default();
        Ok(())
    }

    fn append_actions(&mut self) -> Result<()> {
        let Some(entry) = self.metadata.files.first_mut() else {
            return Ok(());
        };
        let lines = self.pending.lines.as_bytes();
        // A call that failed half-way may have left a part behind.
        self.actions
            .seek(SeekFrom::Start(entry.bytes))
            .and_then(|_| self.actions.write_all(lines))
            .and_then(|()| self.actions.set_len(entry.bytes + lines.len() as u64))
            .map_err(|e| DataError::io(self.dir.join(ACTIONS_FILE), e))?;
        self.actions_hash.update(lines);
        entry.bytes += lines.len() as u64;
        entry.sha256 = digest(&self.actions_hash);
        Ok(())
    }
}

fn digest(hash: &Sha256) -> String {
    let digest = hash.clone().finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

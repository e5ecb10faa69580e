//! Oasis 500M and other networks of its kind (Decart and Etched 2024, open-oasis).

mod config;
mod rope;
mod tensors;

pub use config::{oasis_config, parse_oasis_config};

use std::io::BufWriter;
use std::path::{Path, PathBuf};

use bvgdm_core::{
    ActionSchema, ActionSpec, CoreError, MANIFEST_VERSION, OASIS_FPS, TrainedOn, WeightsFile,
    WorldConfig, WorldManifest, sha256_file, write_atomic_with,
};

use super::piece::Piece;
use crate::error::{ModelError, Result};
use crate::weights::{TensorFile, TensorStream, WeightsDtype};
use crate::world::STARTS;

/// The ending of a manifest.
const ENDING: &str = ".world.ron";
/// What some converters put before every name.
const PREFIXES: [&str; 2] = ["model.", "module."];

/// What is read and what is written.
#[derive(Debug, Clone)]
pub struct OasisFiles {
    /// The DiT, `oasis500m.safetensors`.
    pub dit: PathBuf,
    /// The ViT-VAE, `vit-l-20.safetensors`.
    pub vae: PathBuf,
    /// The manifest, `NAME.world.ron`; the weights go beside it, `NAME.safetensors`.
    pub out: PathBuf,
}

/// One checkpoint and what is taken from it.
struct Part {
    file: TensorFile<'static>,
    pieces: Vec<Piece>,
}

/// Makes a world of two published checkpoints. Both are checked whole before anything is written;
/// then each tensor is read, turned into our order and written, so that only one is in memory.
///
/// The world starts from a grey picture; a game gives it a better one as its start.
///
/// # Errors
/// Names all tensors of both files that are missing, unexpected, mis-shaped or belong to another
/// kind of network, or the field or file that is wrong.
pub fn import_oasis(
    files: &OasisFiles,
    config: &WorldConfig,
    dtype: WeightsDtype,
) -> Result<WorldManifest> {
    config.validate()?;
    let name = world_name(&files.out)?;
    let weights = files.out.with_file_name(format!("{name}.safetensors"));
    for source in [&files.dit, &files.vae] {
        refuse_overwrite(source, &weights)?;
    }
    let parts = [
        open(&files.dit, tensors::dit(&config.dit)),
        open(&files.vae, tensors::vae(&config.vae)?),
    ];
    let [dit, vae] = check(parts, config)?;

    let [channels, height, width] = config.vae.latent_shape();
    let starts = vec![1, channels, height, width];
    let pieces = || vae.pieces.iter().chain(&dit.pieces);
    let mut expected: Vec<_> = pieces()
        .map(|piece| (piece.name.clone(), piece.shape.clone()))
        .collect();
    expected.push((STARTS.to_owned(), starts));
    write_atomic_with(&weights, |out| {
        let mut stream = TensorStream::begin(&weights, BufWriter::new(out), dtype, expected)?;
        for part in [&vae, &dit] {
            for piece in &part.pieces {
                stream.push(&piece.read(&part.file)?)?;
            }
        }
        stream.push(&vec![0.0; channels * height * width])?;
        stream.finish()
    })?;
    write_manifest(&files.out, name, &weights, config)
}

/// Opens a checkpoint and takes the usual prefixes off its names.
fn open(path: &Path, pieces: Vec<Piece>) -> Result<Part> {
    let mut file = TensorFile::open(path)?;
    file.strip_prefixes(&PREFIXES);
    Ok(Part { file, pieces })
}

/// Compares both checkpoints with what is taken from them: all that is wrong, at once.
fn check(parts: [Result<Part>; 2], config: &WorldConfig) -> Result<[Part; 2]> {
    let mut errors = Vec::new();
    for part in parts.iter().flatten() {
        let expected = part.pieces.iter();
        let expected = expected.map(|p| (p.source.as_str(), p.source_shape.as_slice()));
        let mut problems = part.file.problems(expected, rope::is_table);
        problems.extend(rope::problems(&part.file, &config.dit)?);
        errors.extend(part.file.fail_on(problems).err());
    }
    match parts {
        [Ok(dit), Ok(vae)] if errors.is_empty() => return Ok([dit, vae]),
        parts => errors.extend(parts.into_iter().filter_map(Result::err)),
    }
    Err(match errors.pop() {
        Some(only) if errors.is_empty() => only,
        last => ModelError::Several(errors.into_iter().chain(last).collect()),
    })
}

fn write_manifest(
    out: &Path,
    name: String,
    weights: &Path,
    config: &WorldConfig,
) -> Result<WorldManifest> {
    let bytes = std::fs::metadata(weights).map_err(|e| CoreError::io(weights, e))?;
    let manifest = WorldManifest {
        version: MANIFEST_VERSION,
        weights: WeightsFile {
            file: format!("{name}.safetensors"),
            bytes: bytes.len(),
            sha256: sha256_file(weights)?,
        },
        name,
        fps: OASIS_FPS,
        schema: schema(config.dit.actions)?,
        config: config.clone(),
        trained_on: TrainedOn {
            game: "an imported Oasis checkpoint".to_owned(),
            ..TrainedOn::default()
        },
        quality: Default::default(),
    };
    manifest.save(out)?;
    Ok(manifest)
}

/// Oasis' 25 actions, or as many without a name as another checkpoint has.
fn schema(actions: usize) -> Result<ActionSchema> {
    let oasis = ActionSchema::oasis();
    if actions == oasis.len() {
        return Ok(oasis);
    }
    let unnamed = (0..actions).map(|i| ActionSpec::axis(format!("action {i}"), -1.0, 1.0));
    Ok(ActionSchema::new(unnamed)?)
}

/// `NAME` of `NAME.world.ron`.
fn world_name(out: &Path) -> Result<String> {
    let file = out.file_name().unwrap_or_default().to_string_lossy();
    match file.strip_suffix(ENDING) {
        Some(name) if !name.is_empty() => Ok(name.to_owned()),
        _ => Err(CoreError::invalid("out", format!("NAME{ENDING}"), file).into()),
    }
}

/// The world's weights must not take the place of what they are made from.
fn refuse_overwrite(source: &Path, weights: &Path) -> Result<()> {
    let same = match (source.canonicalize(), weights.canonicalize()) {
        (Ok(source), Ok(weights)) => source == weights,
        // One of them is not there yet.
        _ => false,
    };
    if same {
        let expected = "a name whose weights are another file than the checkpoint";
        return Err(CoreError::invalid("out", expected, weights.display()).into());
    }
    Ok(())
}

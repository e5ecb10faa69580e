//! Worlds with random weights, in a folder of their own.

use std::collections::BTreeMap;
use std::path::Path;

use arena::ArenaAction;
use burn_flex::Flex;
use bvgdm::ActionMap;
use bvgdm_core::{
    MANIFEST_VERSION, TrainedOn, WeightsFile, WorldManifest, preset, sha256_hex, write_atomic,
};
use bvgdm_model::{WeightsDtype, World};

/// Writes `NAME.world.ron` and `NAME.safetensors`.
pub fn write_world(folder: &Path, name: &str) -> WorldManifest {
    write_changed(folder, name, |_| {}, |_| {})
}

/// As [`write_world`], with something changed in the manifest, or in the numbers of the weights
/// before their size and checksum are taken.
pub fn write_changed(
    folder: &Path,
    name: &str,
    change: impl FnOnce(&mut WorldManifest),
    change_numbers: impl FnOnce(&mut [u8]),
) -> WorldManifest {
    let mut bytes = random_weights(WeightsDtype::F16);
    let numbers = numbers_at(&bytes);
    change_numbers(&mut bytes[numbers..]);
    write_weights(folder, name, &bytes, change)
}

/// A world whose numbers are none any more as soon as the first action is held: its embedding is as
/// large as a float can be.
pub fn write_fragile_world(folder: &Path, name: &str) -> WorldManifest {
    let mut bytes = random_weights(WeightsDtype::F32);
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1 << 16)]).into_owned();
    let (_, entry) = text.split_once("\"dit.action_embedder.weight\"").unwrap();
    let (_, offsets) = entry.split_once("\"data_offsets\":[").unwrap();
    let begin: usize = offsets.split(',').next().unwrap().parse().unwrap();
    let numbers = numbers_at(&bytes);
    let hidden = preset("arena").unwrap().dit.hidden;
    let first = &mut bytes[numbers + begin..][..4 * hidden];
    for number in first.chunks_exact_mut(4) {
        number.copy_from_slice(&f32::MAX.to_le_bytes());
    }
    write_weights(folder, name, &bytes, |_| {})
}

fn write_weights(
    folder: &Path,
    name: &str,
    bytes: &[u8],
    change: impl FnOnce(&mut WorldManifest),
) -> WorldManifest {
    let config = preset("arena").unwrap();
    let mut manifest = WorldManifest {
        version: MANIFEST_VERSION,
        name: name.to_owned(),
        fps: 20.0,
        schema: ActionMap::<ArenaAction>::of_game()
            .unwrap()
            .schema()
            .clone(),
        config,
        weights: WeightsFile {
            file: format!("{name}.safetensors"),
            bytes: bytes.len() as u64,
            sha256: sha256_hex(bytes),
        },
        trained_on: TrainedOn::default(),
        quality: BTreeMap::new(),
    };
    change(&mut manifest);
    write_atomic(&folder.join(&manifest.weights.file), bytes).unwrap();
    manifest
        .save(&folder.join(format!("{name}.world.ron")))
        .unwrap();
    manifest
}

/// New networks begin with zeros in the layers that matter; with those filled, actions and noise
/// have an effect.
fn random_weights(dtype: WeightsDtype) -> Vec<u8> {
    let world = World::<Flex>::new(&preset("arena").unwrap(), &Default::default()).unwrap();
    let mut bytes = world.to_bytes(dtype).unwrap();
    let numbers = numbers_at(&bytes);
    // 0.05, with a random sign in the highest bit.
    let (width, filled) = match dtype {
        WeightsDtype::F16 => (2, 0x2a66),
        WeightsDtype::F32 => (4, 0.05f32.to_bits()),
    };
    let mut state = 1_u32;
    for number in bytes[numbers..]
        .chunks_exact_mut(width)
        .filter(|number| number.iter().all(|byte| *byte == 0))
    {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        number.copy_from_slice(&filled.to_le_bytes()[..width]);
        number[width - 1] |= (state >> 31 << 7) as u8;
    }
    bytes
}

/// Where the numbers of a safetensors file begin.
fn numbers_at(bytes: &[u8]) -> usize {
    8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize
}

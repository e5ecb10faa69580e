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
    let config = preset("arena").unwrap();
    let mut bytes = random_weights();
    let numbers = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    change_numbers(&mut bytes[numbers..]);
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
            sha256: sha256_hex(&bytes),
        },
        trained_on: TrainedOn::default(),
        quality: BTreeMap::new(),
    };
    change(&mut manifest);
    write_atomic(&folder.join(&manifest.weights.file), &bytes).unwrap();
    manifest
        .save(&folder.join(format!("{name}.world.ron")))
        .unwrap();
    manifest
}

/// New networks begin with zeros in the layers that matter; with those filled, actions and noise
/// have an effect.
fn random_weights() -> Vec<u8> {
    let world = World::<Flex>::new(&preset("arena").unwrap(), &Default::default()).unwrap();
    let mut bytes = world.to_bytes(WeightsDtype::F16).unwrap();
    let numbers = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut state = 1_u32;
    for number in bytes[numbers..]
        .chunks_exact_mut(2)
        .filter(|number| **number == [0, 0])
    {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // 0.05 in f16, with a random sign.
        number.copy_from_slice(&(0x2a66 | (state >> 31 << 15) as u16).to_le_bytes());
    }
    bytes
}

//! The rotary frequencies that a checkpoint carries along. We compute our own: these say whether the
//! network was trained with the same.

use std::f32::consts::PI;

use bvgdm_core::DitConfig;

use crate::error::Result;
use crate::weights::TensorFile;

/// Relative difference that is rounding and no other frequency.
const TOLERANCE: f32 = 1e-3;

/// Whether a tensor is such a table. Upstream's files keep one spatial and one temporal table, under
/// whichever of their many names comes first.
pub(super) fn is_table(name: &str) -> bool {
    name.ends_with("rotary_emb.freqs") || name.ends_with("rotary_freqs")
}

/// One line for each table of the DiT that is not ours.
pub(super) fn problems(file: &TensorFile, dit: &DitConfig) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for name in file
        .names()
        .filter(|name| name.ends_with("rotary_emb.freqs"))
    {
        let expected = if name.contains("t_attn") || name.contains("temporal") {
            temporal(dit)
        } else {
            spatial(dit)
        };
        let shape = file.shape(name).unwrap_or_default();
        if shape != [expected.len()] {
            let expected = expected.len();
            problems.push(format!(
                "tensor {name}: expected [{expected}], found {shape:?}"
            ));
            continue;
        }
        let found = file.floats(name)?;
        let other = |(a, b): &(&f32, &f32)| (*a - *b).abs() > TOLERANCE * b.abs();
        if let Some((found, expected)) = found.iter().zip(&expected).find(other) {
            problems.push(format!(
                "tensor {name}: expected the frequency {expected}, found {found}"
            ));
        }
    }
    Ok(problems)
}

/// `linspace(1, max_freq / 2) π`, a pair of channels each, over half a head.
fn spatial(dit: &DitConfig) -> Vec<f32> {
    let count = dit.head_dim() / 4;
    let last = dit.spatial_rope_max_freq as f32 / 2.0;
    let step = (last - 1.0) / (count.max(2) - 1) as f32;
    (0..count).map(|i| (1.0 + step * i as f32) * PI).collect()
}

/// `θ^(−2i / head_dim)`.
fn temporal(dit: &DitConfig) -> Vec<f32> {
    let head = dit.head_dim();
    let power = |i: usize| -2.0 * i as f64 / head as f64;
    (0..head / 2)
        .map(|i| dit.temporal_rope_theta.powf(power(i)) as f32)
        .collect()
}

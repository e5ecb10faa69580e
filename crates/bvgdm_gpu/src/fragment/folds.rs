//! Weights and rings of more rows than a texture has lines: what is too much stands to the right of the
//! rest, fold beside fold.

use bvgdm_core::DitConfig;
use bvgdm_plan::{PassKind, Target};

use crate::spec::Spec;

/// How rows are folded on a device.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folds {
    /// Texels a side of the largest texture.
    pub side: usize,
    /// Layers of textures that passes write.
    pub layers: usize,
}

impl Folds {
    /// Rows of weights in a fold. Products read four rows at once.
    pub fn weights(self, rows: usize) -> usize {
        rows.min(self.side / 4 * 4)
    }

    /// Slots of a ring in a fold; one if not even that fits.
    pub fn slots(self, dit: &DitConfig) -> usize {
        let lines = dit.tokens().div_ceil(self.layers);
        (self.side / lines).clamp(1, dit.window + 1)
    }

    /// Lines of a ring in a fold.
    pub fn ring(self, dit: &DitConfig) -> usize {
        self.slots(dit) * dit.tokens().div_ceil(self.layers)
    }

    /// What specialises a shader, beside what both lowerings know.
    pub fn spec(self, dit: &DitConfig, pass: &PassKind) -> Spec {
        let mut spec = Spec::new();
        let mut push = |name, fold: usize, all: usize| {
            if fold < all {
                spec.push((name, fold as f64));
            }
        };
        let (slots, all) = (self.slots(dit), dit.window + 1);
        match pass {
            PassKind::Linear(pass) => {
                push("WEIGHT_FOLD", self.weights(pass.inputs), pass.inputs);
                if matches!(pass.output, Target::Ring(_)) {
                    push("RING_FOLD", slots, all);
                }
            }
            PassKind::Temporal(_) => push("RING_FOLD", slots, all),
            _ => {}
        }
        spec
    }
}

#[cfg(test)]
mod tests {
    use bvgdm_core::{preset, preset_names};

    use super::*;

    #[test]
    fn weights_and_rings_of_all_presets_fit_into_4096_texels_a_side() {
        for name in preset_names() {
            let dit = preset(&name).unwrap().dit;
            // Every device draws two rows of singles at once, or four of halves.
            for layers in [2, 4] {
                assert!(dit.tokens().is_multiple_of(layers), "{name}");
                let folds = Folds { side: 4096, layers };
                let fits = |lines: usize, count: usize, columns: usize| {
                    let width = count * columns / 4;
                    assert!(
                        lines.max(width) <= 4096,
                        "{name}: {lines} lines, {width} wide"
                    );
                };
                for rows in [dit.hidden, dit.mlp_width()] {
                    let lines = folds.weights(rows);
                    fits(lines, rows.div_ceil(lines), dit.hidden);
                }
                let ring = (dit.window + 1).div_ceil(folds.slots(&dit));
                fits(folds.ring(&dit), ring, 3 * dit.hidden);
            }
        }
    }
}

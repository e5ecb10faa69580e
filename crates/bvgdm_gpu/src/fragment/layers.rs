//! How many layers the textures have: as many rows a fragment draws at once.

use std::ops::Range;

use bvgdm_plan::{PassKind, Plan, Stage, Target};

use crate::constants::Precision;

/// Targets that every WebGL2 has.
const MOST: usize = 4;

/// The most layers that the device can draw at once and that every pass's rows come in.
pub(super) fn layers(plan: &Plan, limits: &wgpu::Limits, written: Precision) -> usize {
    let targets = limits.max_color_attachments as usize;
    let bytes = limits.max_color_attachment_bytes_per_sample as usize;
    let most = MOST.min(targets).min(bytes / (4 * written.bytes()));
    let fits = |layers: &usize| *layers <= most && divides(plan, *layers);
    [4, 2].into_iter().find(fits).unwrap_or(1)
}

/// Whether a draw of whole lines writes the rows of its pass alone.
fn divides(plan: &Plan, layers: usize) -> bool {
    let rows = |rows: &Range<usize>, all: usize| {
        rows.start.is_multiple_of(layers) && (rows.end.is_multiple_of(layers) || rows.end == all)
    };
    let of = |id| plan.buffer(id).rows;
    let mut passes = Stage::ALL.into_iter().flat_map(|stage| plan.passes(stage));
    passes.all(|pass| match &pass.kind {
        PassKind::Linear(p) => {
            // A fragment's rows share their frame's scale and shift.
            let of_a_frame = p.tokens.is_multiple_of(layers);
            let modulated = p.norm.as_ref().is_some_and(|norm| norm.affine.is_some());
            match p.output {
                Target::Rows(output) => rows(&p.rows, of(output)) && (of_a_frame || !modulated),
                Target::Ring(_) => of_a_frame,
            }
        }
        PassKind::Assemble(p) => rows(&p.rows, of(p.output)),
        PassKind::Combine(_) => true,
        PassKind::Spatial(p) => rows(&p.rows, of(p.output)),
        PassKind::Temporal(p) => rows(&p.rows, of(p.output)),
    })
}

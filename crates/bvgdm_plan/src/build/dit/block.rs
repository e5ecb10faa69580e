//! What a block multiplies by, read from the weights.

use bvgdm_core::DitConfig;

use crate::build::{Builder, Layer};
use crate::error::Result;
use crate::plan::{BufferId, TableId};
use crate::rope;
use crate::weights::Matrix;

/// Columns of a block's modulation: shift, scale and gate of each sub-layer.
fn block_columns(dit: &DitConfig) -> usize {
    3 * dit.hidden * (3 + usize::from(dit.spatial_mlp))
}

/// The tables of one block.
pub struct Block {
    pub ring: BufferId,
    pub offset: TableId,
    /// Which of the network's modulation vectors are its.
    pub modulation: usize,
    pub s_qkv: Layer,
    pub s_out: Layer,
    pub s_mlp: Option<[Layer; 2]>,
    pub t_qkv: Layer,
    pub t_out: Layer,
    pub t_mlp: [Layer; 2],
}

impl Block {
    /// Reads block `i`; its own modulators, or in block 0 the shared ones, are a group of `modulators`.
    pub fn new(
        builder: &mut Builder<'_>,
        dit: &DitConfig,
        i: usize,
        modulators: &mut Vec<Vec<Matrix>>,
    ) -> Result<Self> {
        let d = dit.hidden;
        let name = |part: &str| format!("dit.blocks.{i}.{part}");
        let widths = [
            ("spatial", "s_offset", block_columns(dit) - 6 * d),
            ("temporal", "t_offset", 6 * d),
        ];
        let mut offset = Vec::with_capacity(block_columns(dit));
        let mut group = Vec::new();
        for (half, own, width) in widths {
            let prefix = match dit.shared_adaln {
                true => format!("dit.shared.{half}"),
                false => name(&format!("adaln.{half}")),
            };
            if i == 0 || !dit.shared_adaln {
                group.push(builder.matrix(&format!("{prefix}.weight"), [d, width])?);
            }
            let mut sum = builder
                .matrix(&format!("{prefix}.bias"), [1, width])?
                .values;
            if dit.shared_adaln {
                let own = builder.matrix(&name(own), [1, width])?.values;
                sum.iter_mut().zip(own).for_each(|(a, b)| *a += b);
            }
            offset.extend(sum);
        }
        if !group.is_empty() {
            modulators.push(group);
        }
        // Shift, scale, gate, shift, …: adaLN multiplies by one more than the scale.
        for scale in offset.chunks_exact_mut(d).skip(1).step_by(3) {
            scale.iter_mut().for_each(|value| *value += 1.0);
        }
        let offset = Matrix::new(1, offset.len(), offset);

        let (heads, head) = (dit.heads, dit.head_dim());
        let turned = |first: usize| rope::interleaved(first, heads, head);
        let order: Vec<_> = turned(0).chain(turned(d)).chain(2 * d..3 * d).collect();
        let qkv = |builder: &mut Builder<'_>, part: &str| -> Result<Layer> {
            let weight = builder.matrix(&name(&format!("{part}.weight")), [d, 3 * d])?;
            let label = format!("block {i} {part}");
            Ok(builder.layer(&label, weight.pick_columns(&order), None))
        };
        let out = |builder: &mut Builder<'_>, part: &str| -> Result<Layer> {
            let weight = builder.matrix(&name(&format!("{part}.weight")), [d, d])?;
            let bias = builder.matrix(&name(&format!("{part}.bias")), [1, d])?;
            Ok(builder.layer(&format!("block {i} {part}"), weight, Some(bias)))
        };
        let mlp = |builder: &mut Builder<'_>, part: &str| -> Result<[Layer; 2]> {
            let [w1, b1, w2, b2] = builder.mlp(&name(part), d, dit.mlp_width())?;
            Ok([
                builder.layer(&format!("block {i} {part} in"), w1, Some(b1)),
                builder.layer(&format!("block {i} {part} out"), w2, Some(b2)),
            ])
        };
        let rows = (dit.window + 1) * dit.tokens();
        Ok(Self {
            ring: builder.buffer(format!("ring {i}"), rows, 3 * d),
            offset: builder.table(format!("block {i} offset"), offset, false),
            modulation: if dit.shared_adaln { 0 } else { i },
            s_qkv: qkv(builder, "s_attn.qkv")?,
            s_out: out(builder, "s_attn.out")?,
            s_mlp: match dit.spatial_mlp {
                true => Some(mlp(builder, "s_mlp")?),
                false => None,
            },
            t_qkv: qkv(builder, "t_attn.qkv")?,
            t_out: out(builder, "t_attn.out")?,
            t_mlp: mlp(builder, "t_mlp")?,
        })
    }
}

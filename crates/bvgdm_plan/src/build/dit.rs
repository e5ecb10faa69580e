//! The DiT's passes.

mod block;
mod block_passes;

use std::ops::Range;

use bvgdm_core::Gelu;

use super::{Builder, Layer, plain, plain_norm, whole};
use crate::error::Result;
use crate::pass::{Activation, Assemble, Modulation, PassKind, Target, Term, Weights3};
use crate::plan::{BufferId, MAX_STEPS, State, TableId};
use crate::rope;
use crate::weights::Matrix;
use block::Block;
use block_passes::BlockPasses;

/// The network's tables and buffers.
pub(super) struct Network {
    state: State,
    tokens: BufferId,
    stream: [BufferId; 2],
    normed: BufferId,
    qkv: BufferId,
    mixed: BufferId,
    hidden: BufferId,
    prediction: BufferId,
    next: BufferId,
    embed: Layer,
    places: Option<TableId>,
    /// adaLN's layers and their vectors: of all blocks and the final layer if the blocks share theirs,
    /// else of each block and last of the final layer, since all at once would be too wide for a texture.
    modulation: Vec<(Layer, BufferId)>,
    spatial_rope: TableId,
    blocks: Vec<Block>,
    final_offset: TableId,
    final_layer: Layer,
}

impl Network {
    pub fn new(builder: &mut Builder<'_>, state: State) -> Result<Self> {
        let dit = builder.config.dit.clone();
        let (d, layout) = (dit.hidden, builder.layout);
        let rows = 2 * layout.tokens;
        let inputs = layout.cell * (1 + usize::from(dit.see_previous));
        let hidden = dit.mlp_width().next_multiple_of(4);

        let embed = builder.matrix("dit.x_embedder.weight", [inputs, d])?;
        let order = |j: usize| j / layout.cell * layout.cell + layout.outermost(j % layout.cell);
        let embed = embed.pick_rows(&(0..inputs).map(order).collect::<Vec<_>>());
        let bias = builder.matrix("dit.x_embedder.bias", [1, d])?;
        let embed = builder.layer("embed", embed, Some(bias));
        let places = match dit.learned_positions {
            true => {
                let places = builder.matrix("dit.positions", [layout.tokens, d])?;
                Some(builder.table("places", places, false))
            }
            false => None,
        };
        let [grid_rows, grid_columns] = dit.grid();
        let grid = (0..layout.tokens).map(|i| [i / grid_columns, i % grid_columns]);
        let (head, freq) = (dit.head_dim(), dit.spatial_rope_max_freq);
        let turns = rope::axial(grid, [grid_rows, grid_columns], head, head / 2, freq);
        let turns = Matrix::new(layout.tokens, head, turns);
        let spatial_rope = builder.table("spatial rope", turns, false);

        let mut modulators: Vec<Vec<Matrix>> = Vec::new();
        let blocks = (0..dit.depth)
            .map(|i| Block::new(builder, &dit, i, &mut modulators))
            .collect::<Result<_>>()?;
        let last = builder.matrix("dit.final_adaln.weight", [d, 2 * d])?;
        match modulators.first_mut().filter(|_| dit.shared_adaln) {
            Some(shared) => shared.push(last),
            None => modulators.push(vec![last]),
        }
        let modulation = modulators.iter().enumerate().map(|(i, group)| {
            let layer = builder.layer(&format!("modulate {i}"), beside(group), None);
            let name = format!("modulation {i}");
            (layer, builder.buffer(name, 2 * MAX_STEPS, layer.outputs))
        });
        let modulation = modulation.collect();
        let mut offset = builder.matrix("dit.final_adaln.bias", [1, 2 * d])?;
        offset.values[d..]
            .iter_mut()
            .for_each(|scale| *scale += 1.0);
        let weight = builder.matrix("dit.final_linear.weight", [d, layout.cell])?;
        let bias = builder.matrix("dit.final_linear.bias", [1, layout.cell])?;
        Ok(Self {
            state,
            tokens: builder.buffer("tokens", rows, inputs),
            stream: ["stream", "stream'"].map(|name| builder.buffer(name, rows, d)),
            normed: builder.buffer("normed", rows, d),
            qkv: builder.buffer("qkv", rows, 3 * d),
            mixed: builder.buffer("mixed", rows, d),
            hidden: builder.buffer("hidden", rows, hidden),
            prediction: builder.buffer("prediction", rows, layout.cell),
            next: builder.buffer("next", layout.tokens, layout.cell),
            embed,
            places,
            modulation,
            spatial_rope,
            blocks,
            final_offset: builder.table("final offset", offset, false),
            final_layer: builder.layer("final", weight, Some(bias)),
        })
    }

    /// adaLN's vectors for all denoising passes of a frame, whose conditions are known when it begins.
    pub fn modulate(&self, builder: &mut Builder<'_>) {
        for &(layer, output) in &self.modulation {
            let rows = 0..2 * MAX_STEPS;
            let output = Target::Rows(output);
            let mut modulate = plain(layer, self.state.condition, output, rows, 1);
            modulate.every_step = true;
            builder.push("modulation", PassKind::Linear(modulate));
        }
    }

    /// One denoising pass over the rows of `frames` (0 the pending one, 1 the new one).
    pub fn denoise(&self, builder: &mut Builder<'_>, frames: Range<usize>) {
        let dit = builder.config.dit.clone();
        let (d, n) = (dit.hidden, builder.layout.tokens);
        let rows = frames.start * n..frames.end * n;
        let newest = n..2 * n;
        let state = &self.state;

        let assemble = Assemble {
            latents: [state.context, state.drawn],
            previous: dit.see_previous.then_some([state.before, state.last]),
            output: self.tokens,
            rows: rows.clone(),
            tokens: n,
        };
        builder.push("assemble", PassKind::Assemble(assemble));
        let [mut stream, mut spare] = self.stream;
        let mut embed = plain(
            self.embed,
            self.tokens,
            Target::Rows(stream),
            rows.clone(),
            n,
        );
        embed.places = self.places;
        builder.push("embed", PassKind::Linear(embed));

        for (i, block) in self.blocks.iter().enumerate() {
            let mut passes = BlockPasses {
                network: self,
                block,
                dit: &dit,
                builder,
                name: format!("block {i}"),
                stream: &mut stream,
                spare: &mut spare,
                tokens: n,
            };
            // Of the pending frame only keys and values are wanted in the end.
            let last = i + 1 == self.blocks.len();
            let after = if last { newest.clone() } else { rows.clone() };
            passes.spatial(rows.clone());
            passes.temporal(rows.clone(), after);
        }

        let mut norm = plain_norm(stream, self.normed, newest.clone(), d);
        norm.affine = self.modulation.last().map(|(layer, buffer)| {
            [d, 0].map(|part| Modulation {
                buffer: *buffer,
                column: layer.outputs - 2 * d + part,
                offset: self.final_offset,
                offset_column: part,
            })
        });
        let output = Target::Rows(self.prediction);
        let mut last = plain(self.final_layer, self.normed, output, newest, n);
        last.norm = Some(Box::new(norm));
        builder.push("final", PassKind::Linear(last));
        let prediction = Term {
            buffer: self.prediction,
            first_row: n,
        };
        let terms = vec![whole(state.drawn), prediction, whole(state.last)];
        builder.combine("update", terms, Weights3::Update, self.next);
        builder.copy("next to drawn", self.next, state.drawn);
    }
}

/// Matrices of as many rows, side by side.
fn beside(parts: &[Matrix]) -> Matrix {
    let rows = parts.first().map_or(0, |part| part.rows);
    let columns = parts.iter().map(|part| part.columns).sum();
    let values = (0..rows).flat_map(|row| parts.iter().flat_map(move |part| part.row(row)));
    Matrix::new(rows, columns, values.copied().collect())
}

/// The pass's name of a GELU.
pub(super) fn gelu(gelu: Gelu) -> Activation {
    match gelu {
        Gelu::Erf => Activation::GeluErf,
        Gelu::Tanh => Activation::GeluTanh,
    }
}

//! The DiT's passes.

use std::ops::Range;

use bvgdm_core::{DitConfig, Gelu};

use super::{Builder, Layer, plain, plain_norm, whole};
use crate::error::Result;
use crate::pass::{
    Activation, Assemble, Linear, Modulation, Norm, PassKind, Residual, Rotation, SpatialAttention,
    Target, TemporalAttention, Term, Weights3,
};
use crate::plan::{BufferId, State, TableId};
use crate::rope;
use crate::weights::Matrix;

/// Columns of a block's modulation: shift, scale and gate of each sub-layer.
fn block_columns(dit: &DitConfig) -> usize {
    3 * dit.hidden * (3 + usize::from(dit.spatial_mlp))
}

/// Columns of all modulation: of the blocks (once, if they share it) and of the final layer.
pub(super) fn modulation_columns(dit: &DitConfig) -> usize {
    let blocks = if dit.shared_adaln { 1 } else { dit.depth };
    blocks * block_columns(dit) + 2 * dit.hidden
}

/// The network's tables and buffers.
pub(super) struct Network {
    state: State,
    tokens: BufferId,
    stream: [BufferId; 2],
    normed: BufferId,
    qkv: BufferId,
    queries: BufferId,
    mixed: BufferId,
    hidden: BufferId,
    prediction: BufferId,
    next: BufferId,
    embed: Layer,
    places: Option<TableId>,
    modulate: Layer,
    spatial_rope: TableId,
    blocks: Vec<Block>,
    final_offset: TableId,
    final_layer: Layer,
}

struct Block {
    ring: BufferId,
    offset: TableId,
    column: usize,
    s_qkv: Layer,
    s_out: Layer,
    s_mlp: Option<[Layer; 2]>,
    t_q: Layer,
    t_kv: Layer,
    t_out: Layer,
    t_mlp: [Layer; 2],
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

        let mut modulators = Vec::new();
        let blocks = (0..dit.depth)
            .map(|i| Block::new(builder, &dit, i, &mut modulators))
            .collect::<Result<_>>()?;
        modulators.push(builder.matrix("dit.final_adaln.weight", [d, 2 * d])?);
        let modulate = builder.layer("modulate", beside(&modulators), None);
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
            queries: builder.buffer("queries", rows, d),
            mixed: builder.buffer("mixed", rows, d),
            hidden: builder.buffer("hidden", rows, hidden),
            prediction: builder.buffer("prediction", rows, layout.cell),
            next: builder.buffer("next", layout.tokens, layout.cell),
            embed,
            places,
            modulate,
            spatial_rope,
            blocks,
            final_offset: builder.table("final offset", offset, false),
            final_layer: builder.layer("final", weight, Some(bias)),
        })
    }

    /// One denoising pass over the rows of `frames` (0 the pending one, 1 the new one).
    pub fn denoise(&self, builder: &mut Builder<'_>, frames: Range<usize>) {
        let dit = builder.config.dit.clone();
        let (d, n) = (dit.hidden, builder.layout.tokens);
        let rows = frames.start * n..frames.end * n;
        let newest = n..2 * n;
        let state = &self.state;

        // Both frames' rows, whichever are drawn: shaders that write several rows at once need no
        // exception for it.
        let mut modulate = plain(
            self.modulate,
            state.condition,
            Target::Rows(state.modulation),
            0..2,
            1,
        );
        modulate.input_by_step = true;
        builder.push("modulation", PassKind::Linear(modulate));
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

        let affine = [d, 0].map(|part| Modulation {
            column: modulation_columns(&dit) - 2 * d + part,
            offset: self.final_offset,
            offset_column: part,
        });
        let mut norm = plain_norm(stream, self.normed, newest.clone(), d);
        norm.affine = Some(affine);
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

/// The passes of one block.
struct BlockPasses<'a, 'b> {
    network: &'a Network,
    block: &'a Block,
    dit: &'a DitConfig,
    builder: &'a mut Builder<'b>,
    name: String,
    stream: &'a mut BufferId,
    spare: &'a mut BufferId,
    tokens: usize,
}

impl BlockPasses<'_, '_> {
    fn spatial(&mut self, rows: Range<usize>) {
        let (network, block) = (self.network, self.block);
        let norm = self.norm(0, rows.clone());
        let mut qkv = self.normed_product(block.s_qkv, norm, network.qkv, rows.clone());
        qkv.rotation = Some(self.rotation(Some(network.spatial_rope), 2));
        self.push("spatial qkv", PassKind::Linear(qkv));
        let attention = SpatialAttention {
            qkv: network.qkv,
            output: network.mixed,
            rows: rows.clone(),
            tokens: self.tokens,
            heads: self.dit.heads,
            head_dim: self.dit.head_dim(),
        };
        self.push("spatial attention", PassKind::Spatial(attention));
        self.add("spatial out", block.s_out, network.mixed, 0, rows.clone());
        if let Some(mlp) = block.s_mlp {
            self.mlp("spatial", mlp, 1, rows);
        }
    }

    /// Keys and values of all `rows`; the rest of `after` alone.
    fn temporal(&mut self, rows: Range<usize>, after: Range<usize>) {
        let (network, block) = (self.network, self.block);
        let first = 1 + usize::from(self.dit.spatial_mlp);
        let norm = self.norm(first, rows.clone());
        let mut kv = self.normed_product(block.t_kv, norm.clone(), block.ring, rows);
        kv.output = Target::Ring(block.ring);
        kv.rotation = Some(self.rotation(None, 1));
        self.push("temporal kv", PassKind::Linear(kv));
        let mut q = self.normed_product(block.t_q, norm, network.queries, after.clone());
        q.rotation = Some(self.rotation(None, 1));
        self.push("temporal q", PassKind::Linear(q));
        let attention = TemporalAttention {
            queries: network.queries,
            ring: block.ring,
            output: network.mixed,
            rows: after.clone(),
            tokens: self.tokens,
            heads: self.dit.heads,
            head_dim: self.dit.head_dim(),
            slots: self.dit.window + 1,
            window: self.dit.window,
        };
        self.push("temporal attention", PassKind::Temporal(attention));
        self.add(
            "temporal out",
            block.t_out,
            network.mixed,
            first,
            after.clone(),
        );
        self.mlp("temporal", block.t_mlp, first + 1, after);
    }

    fn mlp(&mut self, name: &str, layers: [Layer; 2], sub: usize, rows: Range<usize>) {
        let network = self.network;
        let norm = self.norm(sub, rows.clone());
        let mut fc1 = self.normed_product(layers[0], norm, network.hidden, rows.clone());
        fc1.activation = gelu(self.dit.gelu);
        self.push(&format!("{name} mlp in"), PassKind::Linear(fc1));
        self.add(
            &format!("{name} mlp out"),
            layers[1],
            network.hidden,
            sub,
            rows,
        );
    }

    /// Norm of the stream, modulated for sub-layer `sub`.
    fn norm(&self, sub: usize, rows: Range<usize>) -> Norm {
        Norm {
            input: *self.stream,
            output: self.network.normed,
            affine: Some([1, 0].map(|part| self.modulation(sub, part))),
            rows,
            tokens: self.tokens,
            columns: self.dit.hidden,
        }
    }

    /// A product onto the stream, gated for sub-layer `sub`.
    fn add(&mut self, name: &str, layer: Layer, input: BufferId, sub: usize, rows: Range<usize>) {
        let mut linear = self.product(layer, input, *self.spare, rows);
        linear.add = Some(Residual {
            stream: *self.stream,
            gate: Some(self.modulation(sub, 2)),
        });
        self.push(name, PassKind::Linear(linear));
        std::mem::swap(self.stream, self.spare);
    }

    /// Part 0 (shift), 1 (scale) or 2 (gate) of a sub-layer's modulation.
    fn modulation(&self, sub: usize, part: usize) -> Modulation {
        let offset_column = (3 * sub + part) * self.dit.hidden;
        Modulation {
            column: self.block.column + offset_column,
            offset: self.block.offset,
            offset_column,
        }
    }

    fn product(
        &self,
        layer: Layer,
        input: BufferId,
        output: BufferId,
        rows: Range<usize>,
    ) -> Linear {
        plain(layer, input, Target::Rows(output), rows, self.tokens)
    }

    fn normed_product(
        &self,
        layer: Layer,
        norm: Norm,
        output: BufferId,
        rows: Range<usize>,
    ) -> Linear {
        let mut linear = self.product(layer, norm.output, output, rows);
        linear.norm = Some(Box::new(norm));
        linear
    }

    /// Turns the first `widths` times D columns.
    fn rotation(&self, places: Option<TableId>, widths: usize) -> Rotation {
        Rotation {
            places,
            columns: widths * self.dit.hidden,
            head_dim: self.dit.head_dim(),
        }
    }

    fn push(&mut self, name: &str, kind: PassKind) {
        self.builder.push(format!("{} {name}", self.name), kind);
    }
}

impl Block {
    /// Reads block `i`; its own modulators, or in block 0 the shared ones, are added to `modulators`.
    fn new(
        builder: &mut Builder<'_>,
        dit: &DitConfig,
        i: usize,
        modulators: &mut Vec<Matrix>,
    ) -> Result<Self> {
        let d = dit.hidden;
        let name = |part: &str| format!("dit.blocks.{i}.{part}");
        let widths = [
            ("spatial", "s_offset", block_columns(dit) - 6 * d),
            ("temporal", "t_offset", 6 * d),
        ];
        let mut offset = Vec::with_capacity(block_columns(dit));
        for (half, own, width) in widths {
            let prefix = match dit.shared_adaln {
                true => format!("dit.shared.{half}"),
                false => name(&format!("adaln.{half}")),
            };
            if i == 0 || !dit.shared_adaln {
                modulators.push(builder.matrix(&format!("{prefix}.weight"), [d, width])?);
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
        // Shift, scale, gate, shift, …: adaLN multiplies by one more than the scale.
        for scale in offset.chunks_exact_mut(d).skip(1).step_by(3) {
            scale.iter_mut().for_each(|value| *value += 1.0);
        }
        let offset = Matrix::new(1, offset.len(), offset);
        let block = match dit.shared_adaln {
            true => 0,
            false => i,
        };

        let (heads, head) = (dit.heads, dit.head_dim());
        let turned = |first: usize| rope::interleaved(first, heads, head);
        let s_qkv = builder.matrix(&name("s_attn.qkv.weight"), [d, 3 * d])?;
        let order: Vec<_> = turned(0).chain(turned(d)).chain(2 * d..3 * d).collect();
        let s_qkv = s_qkv.pick_columns(&order);
        let t_qkv = builder.matrix(&name("t_attn.qkv.weight"), [d, 3 * d])?;
        let t_q = t_qkv.pick_columns(&turned(0).collect::<Vec<_>>());
        let t_kv = t_qkv.pick_columns(&turned(d).chain(2 * d..3 * d).collect::<Vec<_>>());
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
            ring: builder.buffer(format!("ring {i}"), rows, 2 * d),
            offset: builder.table(format!("block {i} offset"), offset, false),
            column: block * block_columns(dit),
            s_qkv: builder.layer(&format!("block {i} s_attn.qkv"), s_qkv, None),
            s_out: out(builder, "s_attn.out")?,
            s_mlp: match dit.spatial_mlp {
                true => Some(mlp(builder, "s_mlp")?),
                false => None,
            },
            t_q: builder.layer(&format!("block {i} t_attn.q"), t_q, None),
            t_kv: builder.layer(&format!("block {i} t_attn.kv"), t_kv, None),
            t_out: out(builder, "t_attn.out")?,
            t_mlp: mlp(builder, "t_mlp")?,
        })
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

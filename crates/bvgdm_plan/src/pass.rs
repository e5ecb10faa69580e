//! The kinds of passes. Few, each fused as far as it pays, each a handful of sizes that are known
//! when the plan is made.

use std::ops::Range;

use crate::plan::{BufferId, TableId};

/// One pass: reads some buffers and tables, writes one buffer.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    /// Where it stands in the network, in words (`block 3 mlp in`).
    pub label: String,
    /// What it does.
    pub kind: PassKind,
}

/// What a pass does.
#[derive(Debug, Clone, PartialEq)]
pub enum PassKind {
    /// Latents side by side: what the network sees of a frame.
    Assemble(Assemble),
    /// A matrix product, the norm before it and what belongs to its output.
    Linear(Linear),
    /// Attention among the tokens of one frame.
    Spatial(SpatialAttention),
    /// Attention of a token to the same place in the frames before.
    Temporal(TemporalAttention),
    /// A weighted sum of latents: a sampler's update, a copy, noise on the context.
    Combine(Combine),
}

/// Rows of both frames' latents, `[2 tokens, cell or 2 cell]`: the pending frame's first, then the
/// new one's.
#[derive(Debug, Clone, PartialEq)]
pub struct Assemble {
    /// The pending frame as the network sees it, and the latent that is being drawn; `[tokens, cell]`.
    pub latents: [BufferId; 2],
    /// The frames before those two, if the network sees them; `[tokens, cell]`.
    pub previous: Option<[BufferId; 2]>,
    /// `[2 tokens, cell]`, or `2 cell` columns with the previous frames.
    pub output: BufferId,
    /// Rows that are written.
    pub rows: Range<usize>,
    /// Rows of a frame.
    pub tokens: usize,
}

/// `output = add + gate · rotate(activation(input · weight + bias + places))`.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// `[rows, inputs]`; with a norm, where an engine that takes it by itself keeps its rows.
    pub input: BufferId,
    /// What the input's rows are made of.
    pub norm: Option<Box<Norm>>,
    /// Whether the rows are two for each of [`MAX_STEPS`](crate::MAX_STEPS) denoising steps, of which
    /// only those of the frame's steps are made.
    pub every_step: bool,
    /// `[inputs, outputs]`.
    pub weight: TableId,
    /// `[1, outputs]`.
    pub bias: Option<TableId>,
    /// A learned vector of each place, `[tokens, outputs]`.
    pub places: Option<TableId>,
    /// Applied to each number.
    pub activation: Activation,
    /// Rotary positions of queries and keys.
    pub rotation: Option<Rotation>,
    /// What the product is added to.
    pub add: Option<Residual>,
    /// Where the rows go.
    pub output: Target,
    /// Rows of input and output.
    pub rows: Range<usize>,
    /// Rows of a frame: row `r` belongs to frame `r / tokens`, place `r % tokens`.
    pub tokens: usize,
    /// Columns of the input, a multiple of 4.
    pub inputs: usize,
    /// Columns of the output, a multiple of 4.
    pub outputs: usize,
}

impl Linear {
    /// The rows that are made in a frame of so many denoising steps.
    pub fn rows_in(&self, steps: usize) -> Range<usize> {
        match self.every_step {
            true => 0..(2 * steps).min(self.rows.end),
            false => self.rows.clone(),
        }
    }

    /// Where the vectors of its norm or of its gate stand, if it has any; of a block they are in one
    /// buffer.
    pub fn modulation(&self) -> Option<BufferId> {
        let scale = self.norm.as_ref().and_then(|norm| norm.affine);
        let gate = self.add.as_ref().and_then(|add| add.gate);
        let part = scale.map(|[scale, _]| scale).or(gate)?;
        Some(part.buffer)
    }
}

/// An activation function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    None,
    /// `x Φ(x)`.
    GeluErf,
    /// The tanh approximation of it.
    GeluTanh,
}

/// Rotary positions over the first `columns` columns, pairs `(2 i, 2 i + 1)` within each head.
#[derive(Debug, Clone, PartialEq)]
pub struct Rotation {
    /// Cosines and sines `[tokens, head_dim]`, cos and sin of pair `i` in columns `2 i` and
    /// `2 i + 1`; `None`: two rows a step in [`State::rope`](crate::State::rope), one for each frame.
    pub places: Option<TableId>,
    /// Columns that are turned.
    pub columns: usize,
    /// Channels of a head.
    pub head_dim: usize,
}

/// The residual stream that a product is added to.
#[derive(Debug, Clone, PartialEq)]
pub struct Residual {
    /// `[rows, outputs]`; never the buffer that is written.
    pub stream: BufferId,
    /// Multiplies the product, channel by channel.
    pub gate: Option<Modulation>,
}

/// A vector for each step and frame: `buffer[2 step + frame][column ..] + offset[offset_column ..]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modulation {
    /// adaLN's vectors, two rows for each step: the pending frame's and the new one's.
    pub buffer: BufferId,
    /// First column in it.
    pub column: usize,
    /// One row of numbers that are the same for every frame.
    pub offset: TableId,
    /// First column in it.
    pub offset_column: usize,
}

/// Where a product's rows go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Row `r` to row `r`.
    Rows(BufferId),
    /// The row of place `n` of a frame to row `slot · tokens + n` of a ring of frames.
    Ring(BufferId),
}

/// Layer norm over a row and adaLN's modulation: `(x − mean) / sqrt(var + 1e-6) · scale + shift`.
#[derive(Debug, Clone, PartialEq)]
pub struct Norm {
    /// `[rows, columns]`.
    pub input: BufferId,
    /// Same shape.
    pub output: BufferId,
    /// Scale (with adaLN's one added) and shift; learned gains without modulation are in the weights
    /// of the product that follows.
    pub affine: Option<[Modulation; 2]>,
    /// Rows that are normed.
    pub rows: Range<usize>,
    /// Rows of a frame.
    pub tokens: usize,
    /// Channels.
    pub columns: usize,
}

/// Softmax attention, every frame by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct SpatialAttention {
    /// Queries, keys and values beside each other, `[rows, 3 heads head_dim]`.
    pub qkv: BufferId,
    /// `[rows, heads head_dim]`.
    pub output: BufferId,
    /// Rows, whole frames.
    pub rows: Range<usize>,
    /// Rows of a frame.
    pub tokens: usize,
    /// Heads.
    pub heads: usize,
    /// Channels of a head.
    pub head_dim: usize,
}

/// Softmax attention of each row to the rows of the same place in a ring of frames. A frame sees
/// itself and the `window − 1` frames before it.
#[derive(Debug, Clone, PartialEq)]
pub struct TemporalAttention {
    /// Queries, keys and values beside each other, `[slots tokens, 3 heads head_dim]`; a frame's queries are
    /// in its own slot.
    pub ring: BufferId,
    /// `[rows, heads head_dim]`.
    pub output: BufferId,
    /// Rows, whole frames.
    pub rows: Range<usize>,
    /// Rows of a frame.
    pub tokens: usize,
    /// Heads.
    pub heads: usize,
    /// Channels of a head.
    pub head_dim: usize,
    /// Frames in the ring: `window + 1`, so that the pending frame's oldest neighbour is still there
    /// when the new frame's keys are written.
    pub slots: usize,
    /// Frames that a frame sees.
    pub window: usize,
}

/// `output = Σ weight · term`, number by number.
#[derive(Debug, Clone, PartialEq)]
pub struct Combine {
    /// At most three terms of as many numbers as the output has.
    pub terms: Vec<Term>,
    /// Their weights.
    pub weights: Weights3,
    /// Written as a whole.
    pub output: BufferId,
    /// Numbers of the output.
    pub count: usize,
}

/// A term of a sum: `count` numbers of a buffer, from its row `first_row` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// The buffer; its rows may be cut another way than the output's.
    pub buffer: BufferId,
    /// First row.
    pub first_row: usize,
}

/// Weights of a sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Weights3 {
    /// One each.
    Ones,
    /// The sampler's, of this step ([`StepInput::update`](crate::StepInput::update)).
    Update,
    /// Signal and noise of the context ([`StepInput::context`](crate::StepInput::context)).
    Context,
}

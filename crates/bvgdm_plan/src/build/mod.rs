//! From a configuration and its weights to a plan.

mod coverage;
mod dit;
mod layout;
mod vae;

use bvgdm_core::WorldConfig;

use crate::condition::Conditioner;
use crate::error::Result;
use crate::pass::{Activation, Combine, Linear, Norm, Pass, PassKind, Target, Term, Weights3};
use crate::plan::{Buffer, BufferId, Image, MAX_STEPS, Plan, Stage, State, Table, TableId};
use crate::weights::{Matrix, WeightsFile};
use layout::Layout;

/// Plans a world.
pub(crate) fn plan(config: &WorldConfig, weights: &WeightsFile<'_>) -> Result<Plan> {
    config.validate()?;
    let vit = coverage::check(config)?;
    let layout = Layout::of(config);
    let mut builder = Builder {
        config,
        weights,
        layout,
        buffers: Vec::new(),
        tables: Vec::new(),
        passes: Vec::new(),
    };
    let dit = &config.dit;
    let cell = layout.cell;
    let mut latent = |name: &str| builder.buffer(name, layout.tokens, cell);
    let [drawn, last, before] = ["drawn", "last", "before"].map(&mut latent);
    let [context, context_noise] = ["context", "context noise"].map(&mut latent);
    let state = State {
        drawn,
        last,
        before,
        context,
        context_noise,
        condition: builder.buffer("condition", 2 * MAX_STEPS, dit.hidden),
        rope: builder.buffer("rope", 2 * MAX_STEPS, dit.head_dim()),
        pixels: builder.buffer("pixels", layout.cells, layout.patch_numbers),
    };
    let mut stages = [const { Vec::new() }; 5];
    let network = dit::Network::new(&mut builder, state)?;
    network.modulate(&mut builder);
    network.denoise(&mut builder, 0..2);
    stages[Stage::Commit as usize] = std::mem::take(&mut builder.passes);
    network.denoise(&mut builder, 1..2);
    stages[Stage::Denoise as usize] = std::mem::take(&mut builder.passes);
    builder.advance(&state);
    stages[Stage::Advance as usize] = std::mem::take(&mut builder.passes);
    vae::decode(&mut builder, &vit, &state)?;
    stages[Stage::Decode as usize] = std::mem::take(&mut builder.passes);
    vae::encode(&mut builder, &vit, &state)?;
    stages[Stage::Encode as usize] = std::mem::take(&mut builder.passes);

    let [channels, height, width] = config.vae.latent_shape();
    let (count, starts) = weights.list("start.latents", &[channels, height, width])?;
    let starts = starts.chunks_exact((starts.len() / count.max(1)).max(1));
    Ok(Plan {
        config: config.clone(),
        image: Image {
            width: config.vae.width,
            height: config.vae.height,
            patch: vit.patch,
            group: dit.patch,
        },
        starts: starts.map(|start| layout.to_tokens(start)).collect(),
        conditioner: Conditioner::new(dit, weights)?,
        buffers: builder.buffers,
        tables: builder.tables,
        state,
        stages,
    })
}

impl Plan {
    /// A latent `[C, H, W]` as tokens `[tokens, cell]`.
    pub fn to_tokens(&self, latent: &[f32]) -> Vec<f32> {
        Layout::of(&self.config).to_tokens(latent)
    }

    /// Tokens `[tokens, cell]` as a latent `[C, H, W]`.
    pub fn to_latent(&self, tokens: &[f32]) -> Vec<f32> {
        Layout::of(&self.config).to_latent(tokens)
    }
}

/// A plan in the making.
struct Builder<'a> {
    config: &'a WorldConfig,
    weights: &'a WeightsFile<'a>,
    layout: Layout,
    buffers: Vec<Buffer>,
    tables: Vec<Table>,
    passes: Vec<Pass>,
}

/// A linear layer as tables.
#[derive(Clone, Copy)]
struct Layer {
    weight: TableId,
    bias: Option<TableId>,
    inputs: usize,
    outputs: usize,
}

impl Builder<'_> {
    fn buffer(&mut self, name: impl Into<String>, rows: usize, columns: usize) -> BufferId {
        self.buffers.push(Buffer {
            name: name.into(),
            rows,
            columns,
        });
        BufferId(self.buffers.len() - 1)
    }

    fn table(&mut self, name: impl Into<String>, matrix: Matrix, weight: bool) -> TableId {
        self.tables.push(Table {
            name: name.into(),
            rows: matrix.rows,
            columns: matrix.columns,
            values: matrix.values,
            weight,
        });
        TableId(self.tables.len() - 1)
    }

    /// A layer of this weight `[inputs, outputs]` and bias.
    fn layer(&mut self, name: &str, weight: Matrix, bias: Option<Matrix>) -> Layer {
        let (inputs, outputs) = (weight.rows, weight.columns);
        Layer {
            weight: self.table(name, weight, true),
            bias: bias.map(|bias| self.table(format!("{name} bias"), bias, false)),
            inputs,
            outputs,
        }
    }

    fn matrix(&self, name: &str, shape: [usize; 2]) -> Result<Matrix> {
        self.weights.matrix(name, shape)
    }

    fn push(&mut self, label: impl Into<String>, kind: PassKind) {
        self.passes.push(Pass {
            label: label.into(),
            kind,
        });
    }

    /// The two layers of an MLP, its hidden columns padded to a multiple of 4.
    fn mlp(&mut self, prefix: &str, width: usize, hidden: usize) -> Result<[Matrix; 4]> {
        let padded = hidden.next_multiple_of(4);
        let get = |name: &str, shape| self.matrix(&format!("{prefix}.{name}"), shape);
        Ok([
            get("fc1.weight", [width, hidden])?.padded(width, padded),
            get("fc1.bias", [1, hidden])?.padded(1, padded),
            get("fc2.weight", [hidden, width])?.padded(padded, width),
            get("fc2.bias", [1, width])?,
        ])
    }

    /// The newest latent moves back by one, the drawn one takes its place.
    fn advance(&mut self, state: &State) {
        self.copy("last to before", state.last, state.before);
        self.copy("drawn to last", state.drawn, state.last);
        let terms = [state.drawn, state.context_noise].map(whole).to_vec();
        self.combine("context", terms, Weights3::Context, state.context);
    }

    fn copy(&mut self, label: &str, from: BufferId, to: BufferId) {
        self.combine(label, vec![whole(from)], Weights3::Ones, to);
    }

    fn combine(&mut self, label: &str, terms: Vec<Term>, weights: Weights3, output: BufferId) {
        let Buffer { rows, columns, .. } = self.buffers[output.0];
        let combine = Combine {
            terms,
            weights,
            output,
            count: rows * columns,
        };
        self.push(label, PassKind::Combine(combine));
    }
}

fn whole(buffer: BufferId) -> Term {
    Term {
        buffer,
        first_row: 0,
    }
}

/// A product of rows with nothing around it.
fn plain(
    layer: Layer,
    input: BufferId,
    output: Target,
    rows: std::ops::Range<usize>,
    tokens: usize,
) -> Linear {
    Linear {
        input,
        norm: None,
        every_step: false,
        weight: layer.weight,
        bias: layer.bias,
        places: None,
        activation: Activation::None,
        rotation: None,
        add: None,
        output,
        rows,
        tokens,
        inputs: layer.inputs,
        outputs: layer.outputs,
    }
}

/// A norm without modulation.
fn plain_norm(
    input: BufferId,
    output: BufferId,
    rows: std::ops::Range<usize>,
    columns: usize,
) -> Norm {
    Norm {
        input,
        output,
        affine: None,
        tokens: rows.len().max(1),
        rows,
        columns,
    }
}

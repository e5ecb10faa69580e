//! The lowering to the processor: products by kernels for its vectors, with all that follows a product
//! done to each thread's columns while they are in its cache.

mod attention;
mod linear;
mod norm;

use std::sync::Arc;

use bvgdm_kernels::{IntegerRows, awake, integers_are_faster};

use linear::Weight;

use crate::pass::{Assemble, Combine, PassKind, Weights3};
use crate::plan::{BufferId, Plan, Stage, TableId};
use crate::rollout::{Lowering, StepInput};

/// How matrices of weights are multiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Products {
    /// In f32.
    Single,
    /// In whole numbers of 16 bits where this processor is faster with them; they are off by some 2e-4 of a
    /// product's spread, less than f16 is.
    #[default]
    Suited,
}

/// Buffers of one roll-out. The plan, and the weights in it, may be shared.
#[derive(Debug, Clone)]
pub struct CpuLowering {
    plan: Arc<Plan>,
    buffers: Vec<Vec<f32>>,
    scratch: Vec<f32>,
    /// A product's left factor in whole numbers.
    integers: IntegerRows,
    /// Weights in panels, each from its first use on.
    packed: Vec<Option<Arc<Weight>>>,
    products: Products,
    threads: usize,
}

/// Threads that are worth it for a frame: a scene wants some too, and passes are short.
pub fn suited_threads() -> usize {
    const MOST: usize = 4;
    std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(MOST)
}

impl CpuLowering {
    /// Zeroed buffers. At most `threads` threads share a pass.
    pub fn new(plan: Arc<Plan>, threads: usize) -> Self {
        Self::with_products(plan, threads, Products::default())
    }

    /// As [`new`](Self::new), with products of one's own choice.
    pub fn with_products(plan: Arc<Plan>, threads: usize, products: Products) -> Self {
        let size = |rows: usize, columns: usize| vec![0.0; rows * columns];
        Self {
            buffers: plan
                .buffers
                .iter()
                .map(|buffer| size(buffer.rows, buffer.columns))
                .collect(),
            scratch: Vec::new(),
            integers: IntegerRows::default(),
            packed: vec![None; plan.tables.len()],
            products,
            threads: threads.max(1),
            plan,
        }
    }

    /// Bytes of a weight's number, as it is multiplied by.
    pub fn bytes_of_a_weight(&self) -> usize {
        match self.products {
            Products::Suited if integers_are_faster(1) => 2,
            _ => 4,
        }
    }

    /// What a buffer holds, row-major.
    pub fn read(&self, buffer: BufferId) -> &[f32] {
        &self.buffers[buffer.0]
    }

    /// What the buffers of [`Plan::memory`] hold, behind each other.
    pub fn memory(&self) -> Vec<f32> {
        let buffers = self.plan.memory();
        let values = buffers.iter().flat_map(|id| self.read(*id));
        values.copied().collect()
    }

    /// Runs passes of the plan one by one, and shows each to `seen` when it is done: for profiles
    /// and for tests.
    pub fn run_each(
        &mut self,
        stage: Stage,
        input: &StepInput,
        mut seen: impl FnMut(&Self, usize) + Send,
    ) {
        let plan = self.plan.clone();
        awake(self.threads, || {
            for (i, pass) in plan.passes(stage).iter().enumerate() {
                self.pass(&pass.kind, input);
                seen(self, i);
            }
        });
    }

    fn pass(&mut self, kind: &PassKind, input: &StepInput) {
        match kind {
            PassKind::Assemble(pass) => self.assemble(pass),
            PassKind::Linear(pass) => {
                if let Some(norm) = &pass.norm {
                    norm::run(self, norm, input);
                }
                linear::run(self, pass, input);
            }
            PassKind::Spatial(pass) => attention::spatial(self, pass),
            PassKind::Temporal(pass) => attention::temporal(self, pass, input),
            PassKind::Combine(pass) => self.combine(pass, input),
        }
    }

    fn assemble(&mut self, pass: &Assemble) {
        let mut output = self.take(pass.output);
        let width = self.columns(pass.output);
        let cell = self.columns(pass.latents[0]);
        for row in pass.rows.clone() {
            let (frame, place) = (row / pass.tokens, row % pass.tokens);
            let out = &mut output[row * width..][..width];
            let sources = [Some(pass.latents), pass.previous];
            for (part, pair) in out
                .chunks_exact_mut(cell)
                .zip(sources.into_iter().flatten())
            {
                part.copy_from_slice(&self.read(pair[frame])[place * cell..][..cell]);
            }
        }
        self.give(pass.output, output);
    }

    fn combine(&mut self, pass: &Combine, input: &StepInput) {
        let weights = match pass.weights {
            Weights3::Ones => [1.0; 3],
            Weights3::Update => input.update,
            Weights3::Context => [input.context[0], input.context[1], 0.0],
        };
        let mut output = self.take(pass.output);
        let output_numbers = &mut output[..pass.count];
        output_numbers.fill(0.0);
        for (term, weight) in pass.terms.iter().zip(weights) {
            // A weight of zero leaves its term out, whatever that holds.
            if weight != 0.0 {
                let first = term.first_row * self.columns(term.buffer);
                let numbers = &self.read(term.buffer)[first..][..pass.count];
                for (out, number) in output_numbers.iter_mut().zip(numbers) {
                    *out += weight * number;
                }
            }
        }
        self.give(pass.output, output);
    }

    /// Takes a buffer out, so that others can be read while it is written.
    fn take(&mut self, buffer: BufferId) -> Vec<f32> {
        std::mem::take(&mut self.buffers[buffer.0])
    }

    fn give(&mut self, buffer: BufferId, values: Vec<f32>) {
        self.buffers[buffer.0] = values;
    }

    fn columns(&self, buffer: BufferId) -> usize {
        self.plan.buffer(buffer).columns
    }

    fn table(&self, table: TableId) -> &[f32] {
        &self.plan.table(table).values
    }
}

impl Lowering for CpuLowering {
    fn write(&mut self, buffer: BufferId, first_row: usize, values: &[f32]) {
        let first = first_row * self.columns(buffer);
        self.buffers[buffer.0][first..first + values.len()].copy_from_slice(values);
    }

    fn run(&mut self, stage: Stage, input: &StepInput) {
        self.run_each(stage, input, |_, _| {});
    }
}

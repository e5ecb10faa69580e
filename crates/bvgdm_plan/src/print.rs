//! The plan in words, and what it costs.

use std::fmt;

use crate::pass::{Linear, Pass, PassKind, Target};
use crate::plan::{BufferId, Plan, Stage};

/// What a pass takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PassCost {
    /// Multiplications and additions of its matrix products and attention.
    pub flop: u64,
    /// Bytes that it reads and writes once, with weights of `weight_bytes` a number.
    pub bytes: u64,
}

impl Stage {
    /// All stages, in the order in which they run.
    pub const ALL: [Self; 5] = [
        Self::Commit,
        Self::Denoise,
        Self::Advance,
        Self::Decode,
        Self::Encode,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit and denoise",
            Self::Denoise => "denoise again",
            Self::Advance => "advance",
            Self::Decode => "decode",
            Self::Encode => "encode",
        }
    }
}

impl Plan {
    /// Counts one pass, with weights of `weight_bytes` bytes a number.
    pub fn cost(&self, pass: &Pass, weight_bytes: usize) -> PassCost {
        let (flop, numbers, weights) = match &pass.kind {
            PassKind::Assemble(p) => (0, 2 * p.rows.len() * self.buffer(p.output).columns, 0),
            PassKind::Linear(p) => {
                let (m, n, k) = (self.rows(p), p.outputs, p.inputs);
                let streams = 1 + usize::from(p.add.is_some());
                (2 * m * n * k, m * k + streams * m * n, k * n)
            }
            PassKind::Spatial(p) => {
                let width = p.heads * p.head_dim;
                let rows = p.rows.len();
                (4 * rows * p.tokens * width, 4 * rows * width, 0)
            }
            PassKind::Temporal(p) => {
                let width = p.heads * p.head_dim;
                let rows = p.rows.len();
                let seen = 2 * p.window * rows * width;
                (2 * seen, seen + 2 * rows * width, 0)
            }
            PassKind::Combine(p) => (0, (p.terms.len() + 1) * p.count, 0),
        };
        PassCost {
            flop: flop as u64,
            bytes: (4 * numbers + weight_bytes * weights) as u64,
        }
    }

    /// Bytes of all tables and of the buffers of one roll-out, with weights of `weight_bytes`.
    pub fn bytes(&self, weight_bytes: usize) -> [u64; 2] {
        let tables = self.tables.iter().map(|table| {
            let bytes = if table.weight { weight_bytes } else { 4 };
            (table.rows * table.columns * bytes) as u64
        });
        let buffers = self.buffers.iter().map(|b| (4 * b.rows * b.columns) as u64);
        [tables.sum(), buffers.sum()]
    }

    fn shape(&self, pass: &Pass) -> String {
        match &pass.kind {
            PassKind::Assemble(p) => {
                format!("[{}, {}]", p.rows.len(), self.buffer(p.output).columns)
            }
            PassKind::Linear(p) => format!(
                "{}[{}, {}] x [{}, {}]",
                if p.norm.is_some() { "norm " } else { "" },
                self.rows(p),
                p.inputs,
                p.inputs,
                p.outputs
            ),
            PassKind::Spatial(p) => format!(
                "{} x {} heads x [{}, {}]",
                p.rows.len() / p.tokens,
                p.heads,
                p.tokens,
                p.head_dim
            ),
            PassKind::Temporal(p) => format!(
                "{} rows x {} heads x [{}, {}]",
                p.rows.len(),
                p.heads,
                p.window,
                p.head_dim
            ),
            PassKind::Combine(p) => format!("[{}] of {}", p.count, p.terms.len()),
        }
    }

    /// Rows of a product in a frame as the world draws it.
    fn rows(&self, pass: &Linear) -> usize {
        pass.rows_in(self.config.sampler.steps).len()
    }
}

impl PassKind {
    /// What it writes.
    pub fn output(&self) -> BufferId {
        match self {
            Self::Assemble(p) => p.output,
            Self::Linear(p) => match p.output {
                Target::Rows(buffer) | Target::Ring(buffer) => buffer,
            },
            Self::Spatial(p) => p.output,
            Self::Temporal(p) => p.output,
            Self::Combine(p) => p.output,
        }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Assemble(_) => "assemble",
            Self::Linear(_) => "linear",
            Self::Spatial(_) => "spatial",
            Self::Temporal(_) => "temporal",
            Self::Combine(_) => "combine",
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for stage in Stage::ALL {
            let passes = self.passes(stage);
            let mut sum = PassCost::default();
            for pass in passes {
                let cost = self.cost(pass, 2);
                sum.flop += cost.flop;
                sum.bytes += cost.bytes;
            }
            writeln!(
                f,
                "{}: {} passes, {:.3} GFLOP, {:.2} MB with f16 weights",
                stage.name(),
                passes.len(),
                sum.flop as f64 / 1e9,
                sum.bytes as f64 / 1e6
            )?;
            for (i, pass) in passes.iter().enumerate() {
                let cost = self.cost(pass, 2);
                writeln!(
                    f,
                    "  {i:3} {:<28} {:<9} {:<30} {:>9.3} MFLOP {:>9.1} kB  -> {}",
                    pass.label,
                    pass.kind.name(),
                    self.shape(pass),
                    cost.flop as f64 / 1e6,
                    cost.bytes as f64 / 1e3,
                    self.buffer(pass.kind.output()).name
                )?;
            }
        }
        let [tables, buffers] = self.bytes(2);
        write!(
            f,
            "{} tables, {:.2} MB with f16 weights; {} buffers, {:.2} MB a roll-out",
            self.tables.len(),
            tables as f64 / 1e6,
            self.buffers.len(),
            buffers as f64 / 1e6
        )
    }
}

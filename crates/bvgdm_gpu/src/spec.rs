//! What specialises a shader for a pass: the same names in both lowerings, and none that a shader does
//! not read.

use std::ops::Range;

use bvgdm_plan::{
    Activation, Combine, Linear, PassKind, Plan, SpatialAttention, Target, TemporalAttention,
    Weights3,
};

use crate::constants::Precision;

/// Names and values of a pipeline's constants.
pub(crate) type Spec = Vec<(&'static str, f64)>;

/// Turns passes into constants.
pub(crate) struct Specialiser<'a> {
    pub plan: &'a Plan,
    pub precision: Precision,
}

impl Specialiser<'_> {
    /// What shaders of both kinds read. Which rows a fragment writes its viewport says, and how long
    /// they are its textures, so that passes over one frame and over two share a pipeline.
    pub fn fragment(&self, pass: &PassKind) -> Spec {
        match pass {
            PassKind::Assemble(pass) => numbers(vec![
                ("TOKENS", pass.tokens),
                ("CELL4", self.plan.buffer(pass.latents[0]).columns / 4),
                ("COLUMNS4", self.plan.buffer(pass.output).columns / 4),
            ]),
            PassKind::Linear(pass) => self.linear(pass),
            PassKind::Spatial(pass) => spatial(pass),
            PassKind::Temporal(pass) => temporal(pass),
            PassKind::Combine(pass) => self.combine(pass),
        }
    }

    /// What compute shaders read.
    pub fn compute(&self, pass: &PassKind) -> Spec {
        let mut spec = self.fragment(pass);
        match pass {
            PassKind::Assemble(pass) => {
                let count = pass.rows.len() * self.plan.buffer(pass.output).columns;
                spec.extend(numbers(vec![
                    ("FIRST_ROW", pass.rows.start),
                    ("COUNT4", count / 4),
                ]));
            }
            PassKind::Linear(pass) => {
                spec.extend(rows(&pass.rows));
                spec.push(("EVERY_STEP", flag(pass.every_step)));
                spec.push(("HALF", flag(self.precision == Precision::Half)));
                if let Some(modulation) = pass.modulation() {
                    let columns = self.plan.buffer(modulation).columns;
                    spec.push(("MODULATION4", (columns / 4) as f64));
                }
            }
            PassKind::Spatial(pass) => spec.extend(rows(&pass.rows)),
            PassKind::Temporal(pass) => spec.extend(rows(&pass.rows)),
            PassKind::Combine(pass) => spec.push(("COUNT4", (pass.count / 4) as f64)),
        }
        spec
    }

    fn linear(&self, pass: &Linear) -> Spec {
        let slots = match pass.output {
            Target::Rows(_) => 0,
            Target::Ring(ring) => self.plan.buffer(ring).rows / pass.tokens,
        };
        let modulated = pass.norm.as_ref().is_some_and(|norm| norm.affine.is_some());
        let gated = pass.add.as_ref().is_some_and(|add| add.gate.is_some());
        let mut spec = vec![
            ("TOKENS", pass.tokens as f64),
            ("INPUTS4", (pass.inputs / 4) as f64),
            ("OUTPUTS4", (pass.outputs / 4) as f64),
            ("NORMED", flag(pass.norm.is_some())),
            ("MODULATED", flag(modulated)),
            ("BIAS", flag(pass.bias.is_some())),
            ("PLACES", flag(pass.places.is_some())),
            (
                "ACTIVATION",
                match pass.activation {
                    Activation::None => 0.0,
                    Activation::GeluErf => 1.0,
                    Activation::GeluTanh => 2.0,
                },
            ),
            ("ADD", flag(pass.add.is_some())),
            ("GATED", flag(gated)),
            ("SLOTS", slots as f64),
        ];
        if let Some(rotation) = &pass.rotation {
            spec.extend([
                ("ROTATED4", (rotation.columns / 4) as f64),
                ("HEAD4", (rotation.head_dim / 4) as f64),
                ("ROPE", flag(rotation.places.is_some())),
            ]);
        }
        spec
    }

    fn combine(&self, pass: &Combine) -> Spec {
        let weights = match pass.weights {
            Weights3::Ones => 0,
            Weights3::Update => 1,
            Weights3::Context => 2,
        };
        // Only the second term of a sum begins anywhere else than in its first row.
        let second = pass.terms.get(1).map_or(0, |term| {
            term.first_row * self.plan.buffer(term.buffer).columns / 4
        });
        numbers(vec![
            ("TERMS", pass.terms.len()),
            ("WEIGHTS", weights),
            ("SECOND4", second),
            ("COLUMNS4", self.plan.buffer(pass.output).columns / 4),
        ])
    }
}

fn numbers(spec: Vec<(&'static str, usize)>) -> Spec {
    spec.into_iter().map(|(name, n)| (name, n as f64)).collect()
}

fn flag(on: bool) -> f64 {
    f64::from(u8::from(on))
}

fn rows(rows: &Range<usize>) -> Spec {
    numbers(vec![("FIRST_ROW", rows.start), ("ROWS", rows.len())])
}

fn spatial(pass: &SpatialAttention) -> Spec {
    numbers(vec![
        ("TOKENS", pass.tokens),
        ("HEADS", pass.heads),
        ("HEAD4", pass.head_dim / 4),
    ])
}

fn temporal(pass: &TemporalAttention) -> Spec {
    numbers(vec![
        ("TOKENS", pass.tokens),
        ("HEADS", pass.heads),
        ("HEAD4", pass.head_dim / 4),
        ("SLOTS", pass.slots),
        ("WINDOW", pass.window),
    ])
}

//! What specialises a shader for a pass: the same names in both lowerings.

use bvgdm_plan::{
    Activation, Combine, Linear, Norm, PassKind, Plan, SpatialAttention, Target, TemporalAttention,
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
    pub fn of(&self, pass: &PassKind) -> Spec {
        let spec: Vec<(&'static str, usize)> = match pass {
            PassKind::Assemble(pass) => {
                let columns = self.plan.buffer(pass.output).columns / 4;
                vec![
                    ("FIRST_ROW", pass.rows.start),
                    ("TOKENS", pass.tokens),
                    ("CELL4", self.plan.buffer(pass.latents[0]).columns / 4),
                    ("COLUMNS4", columns),
                    ("COUNT4", pass.rows.len() * columns),
                ]
            }
            PassKind::Linear(pass) => return self.linear(pass),
            PassKind::Spatial(pass) => spatial(pass),
            PassKind::Temporal(pass) => temporal(pass),
            PassKind::Combine(pass) => self.combine(pass),
        };
        numbers(spec)
    }

    /// Of a pass whose norm is taken in it.
    pub fn fused(&self, pass: &PassKind) -> Spec {
        let mut spec = self.of(pass);
        if let PassKind::Linear(Linear {
            norm: Some(norm), ..
        }) = pass
        {
            spec.push(("NORMED", 1.0));
            if norm.affine.is_some() {
                spec.push(("MODULATED", 1.0));
                spec.push(("MODULATION4", self.modulation() as f64));
            }
        }
        spec
    }

    /// Of a norm that is taken by itself.
    pub fn norm(&self, norm: &Norm) -> Spec {
        let mut spec = vec![
            ("FIRST_ROW", norm.rows.start),
            ("TOKENS", norm.tokens),
            ("COLUMNS4", norm.columns / 4),
        ];
        if norm.affine.is_some() {
            spec.extend([("MODULATED", 1), ("MODULATION4", self.modulation())]);
        }
        numbers(spec)
    }

    fn linear(&self, pass: &Linear) -> Spec {
        let slots = match pass.output {
            Target::Rows(_) => 0,
            Target::Ring(ring) => self.plan.buffer(ring).rows / pass.tokens,
        };
        let flag = |on: bool| f64::from(u8::from(on));
        let mut spec = vec![
            ("FIRST_ROW", pass.rows.start as f64),
            ("ROWS", pass.rows.len() as f64),
            ("TOKENS", pass.tokens as f64),
            ("INPUTS4", (pass.inputs / 4) as f64),
            ("OUTPUTS4", (pass.outputs / 4) as f64),
            ("INPUT_BY_STEP", flag(pass.input_by_step)),
            ("HALF", flag(self.precision == Precision::Half)),
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
            ("SLOTS", slots as f64),
        ];
        if let Some(rotation) = &pass.rotation {
            spec.extend([
                ("ROTATED4", (rotation.columns / 4) as f64),
                ("HEAD4", (rotation.head_dim / 4) as f64),
                ("ROPE", flag(rotation.places.is_some())),
            ]);
        }
        if pass.add.as_ref().is_some_and(|add| add.gate.is_some()) {
            spec.extend([("GATED", 1.0), ("MODULATION4", self.modulation() as f64)]);
        }
        spec
    }

    fn combine(&self, pass: &Combine) -> Vec<(&'static str, usize)> {
        let weights = match pass.weights {
            Weights3::Ones => 0,
            Weights3::Update => 1,
            Weights3::Context => 2,
        };
        // Only the second term of a sum begins anywhere else than in its first row.
        let second = pass.terms.get(1).map_or(0, |term| {
            term.first_row * self.plan.buffer(term.buffer).columns / 4
        });
        vec![
            ("COUNT4", pass.count / 4),
            ("TERMS", pass.terms.len()),
            ("WEIGHTS", weights),
            ("SECOND4", second),
            ("COLUMNS4", self.plan.buffer(pass.output).columns / 4),
        ]
    }

    /// Vectors of a row of the modulation.
    fn modulation(&self) -> usize {
        self.plan.buffer(self.plan.state.modulation).columns / 4
    }
}

fn numbers(spec: Vec<(&'static str, usize)>) -> Spec {
    spec.into_iter().map(|(name, n)| (name, n as f64)).collect()
}

fn spatial(pass: &SpatialAttention) -> Vec<(&'static str, usize)> {
    let width = pass.heads * pass.head_dim / 4;
    vec![
        ("FIRST_ROW", pass.rows.start),
        ("ROWS", pass.rows.len()),
        ("TOKENS", pass.tokens),
        ("HEADS", pass.heads),
        ("HEAD4", pass.head_dim / 4),
        ("QUERY_STRIDE4", 3 * width),
        ("MEMORY_STRIDE4", 3 * width),
        ("KEYS4", width),
        ("VALUES4", 2 * width),
    ]
}

fn temporal(pass: &TemporalAttention) -> Vec<(&'static str, usize)> {
    let width = pass.heads * pass.head_dim / 4;
    vec![
        ("FIRST_ROW", pass.rows.start),
        ("ROWS", pass.rows.len()),
        ("TOKENS", pass.tokens),
        ("HEADS", pass.heads),
        ("HEAD4", pass.head_dim / 4),
        ("QUERY_STRIDE4", width),
        ("MEMORY_STRIDE4", 2 * width),
        ("KEYS4", 0),
        ("VALUES4", width),
        ("SLOTS", pass.slots),
        ("WINDOW", pass.window),
    ]
}

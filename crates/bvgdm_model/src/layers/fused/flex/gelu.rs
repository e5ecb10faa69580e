//! The activation of the MLPs.

use burn_flex::{Flex, FlexTensor};
use bvgdm_core::Gelu as Form;
use bvgdm_kernels::math::{gelu_erf, gelu_erf_slope, gelu_tanh, gelu_tanh_slope};
use bvgdm_kernels::{Kernel, Work, side_by_side, with_vectors};

use super::dense::{dense, values, values_mut};
use crate::layers::fused::operation::Operation;

/// Numbers that a thread takes in one go.
const PART: usize = 1 << 15;

/// Of `x`, number by number.
#[derive(Debug)]
pub struct Gelu(pub Form);

impl Operation<Flex, 1> for Gelu {
    fn forward(&self, [x]: [FlexTensor; 1]) -> (FlexTensor, Vec<FlexTensor>) {
        let x = dense(x);
        (self.of(x.clone(), None), vec![x])
    }

    fn backward(&self, kept: &[FlexTensor], grad: FlexTensor) -> [FlexTensor; 1] {
        [self.of(dense(grad), Some(values(&kept[0])))]
    }
}

impl Gelu {
    /// The activation of `x`, or `x` times its slope at `at`.
    fn of(&self, mut x: FlexTensor, at: Option<&[f32]>) -> FlexTensor {
        let parts = values_mut(&mut x).chunks_mut(PART);
        let mut parts: Vec<_> = parts.zip((0..).step_by(PART)).collect();
        side_by_side(&mut parts, &|(values, first)| {
            let at = at.map(|at| &at[*first..][..values.len()]);
            with_vectors(Part {
                form: self.0,
                values,
                at,
            });
        });
        x
    }
}

struct Part<'a> {
    form: Form,
    values: &'a mut [f32],
    at: Option<&'a [f32]>,
}

impl Work for Part<'_> {
    #[inline(always)]
    fn run<K: Kernel>(self, _kernel: K) {
        match (self.form, self.at) {
            (Form::Erf, None) => gelu_erf(self.values),
            (Form::Erf, Some(at)) => gelu_erf_slope(self.values, at),
            (Form::Tanh, None) => gelu_tanh(self.values),
            (Form::Tanh, Some(at)) => gelu_tanh_slope(self.values, at),
        }
    }
}

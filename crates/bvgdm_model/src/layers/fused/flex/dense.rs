//! Tensors as slices.

use burn::tensor::TensorData;
use burn_flex::FlexTensor;

/// `x`, its numbers one after the other in memory.
pub fn dense(x: FlexTensor) -> FlexTensor {
    match x.is_contiguous() {
        true => x,
        false => x.to_contiguous(),
    }
}

/// The numbers of a [`dense`] tensor.
pub fn values(x: &FlexTensor) -> &[f32] {
    let layout = x.layout();
    &x.storage::<f32>()[layout.start_offset()..][..layout.num_elements()]
}

/// The same to be written over; copied first if others hold them too.
pub fn values_mut(x: &mut FlexTensor) -> &mut [f32] {
    let layout = x.layout();
    let (start, count) = (layout.start_offset(), layout.num_elements());
    &mut x.storage_mut::<f32>()[start..][..count]
}

/// A tensor of these numbers.
pub fn tensor(values: Vec<f32>, shape: &[usize]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

/// Sizes of its axes.
pub fn shape<const D: usize>(x: &FlexTensor) -> [usize; D] {
    let shape = x.layout().shape();
    std::array::from_fn(|axis| shape[axis])
}

/// Length of its last axis.
pub fn width(x: &FlexTensor) -> usize {
    x.layout().shape().iter().next_back().copied().unwrap_or(1)
}

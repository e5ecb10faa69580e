//! Convolutions over pictures.

use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

/// A 3 × 3 convolution that keeps the size.
pub fn conv3<B: Backend>(inputs: usize, outputs: usize, device: &B::Device) -> Conv2d<B> {
    Conv2dConfig::new([inputs, outputs], [3, 3])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .init(device)
}

/// A 1 × 1 convolution.
pub fn conv1<B: Backend>(inputs: usize, outputs: usize, device: &B::Device) -> Conv2d<B> {
    Conv2dConfig::new([inputs, outputs], [1, 1]).init(device)
}

/// `[F, C, H, W]` to `[F, C, 2 H, 2 W]`, every cell four times.
pub fn double<B: Backend>(x: Tensor<B, 4>) -> Tensor<B, 4> {
    let [frames, channels, height, width] = x.dims();
    x.reshape([frames, channels, height, 1, width, 1])
        .expand([frames, channels, height, 2, width, 2])
        .reshape([frames, channels, 2 * height, 2 * width])
}

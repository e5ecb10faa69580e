//! Pictures and latents to tokens and back.

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

/// How the numbers of one patch are ordered in its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelOrder {
    /// `(channel, row, column)`, as a strided convolution reads it.
    Outermost,
    /// `(row, column, channel)`, as the DiT's final layer writes it.
    Innermost,
}

/// `[F, C, H, W]` to `[F, (H / p)(W / p), C p p]`, channels outermost.
pub fn patchify<B: Backend>(x: Tensor<B, 4>, patch: usize) -> Tensor<B, 3> {
    let [frames, channels, height, width] = x.dims();
    let (rows, columns) = (height / patch, width / patch);
    x.reshape([frames, channels, rows, patch, columns, patch])
        // [F, rows, columns, C, p, p]
        .permute([0, 2, 4, 1, 3, 5])
        .reshape([frames, rows * columns, channels * patch * patch])
}

/// `[F, rows columns, C p p]` to `[F, C, rows p, columns p]`.
pub fn unpatchify<B: Backend>(
    tokens: Tensor<B, 3>,
    [rows, columns]: [usize; 2],
    patch: usize,
    order: ChannelOrder,
) -> Tensor<B, 4> {
    let [frames, _, numbers] = tokens.dims();
    let channels = numbers / (patch * patch);
    let split = match order {
        ChannelOrder::Outermost => tokens
            .reshape([frames, rows, columns, channels, patch, patch])
            .permute([0, 3, 1, 4, 2, 5]),
        ChannelOrder::Innermost => tokens
            .reshape([frames, rows, columns, patch, patch, channels])
            .permute([0, 5, 1, 3, 2, 4]),
    };
    split.reshape([frames, channels, rows * patch, columns * patch])
}

//! Pictures as burn draws them, in the layout of textures.

use burn::tensor::{Int, Tensor};
use burn_wgpu::{CubeTensor, Wgpu, WgpuRuntime};

/// Rows of a copy to a texture begin at multiples of so many pixels of four bytes.
const ALIGNMENT: usize = 64;
/// Opaque, in the highest byte.
const ALPHA: i32 = -0x0100_0000;

/// A picture in a buffer on the GPU, four bytes a pixel. The buffer is burn's own: nothing else is
/// written there as long as this lives.
pub struct Packed {
    /// It, and what else burn has there.
    pub buffer: wgpu::Buffer,
    /// Bytes before the picture.
    pub offset: u64,
    /// Bytes from row to row.
    pub stride: u32,
}

/// What keeps a picture's buffer from being used again.
pub(super) struct Kept {
    _tensor: CubeTensor<WgpuRuntime>,
    _resource: Box<dyn Send>,
}

/// Pixels `[1, 3, height, width]` in [0, 1], packed; everything that makes them has been submitted.
pub(super) fn pack(pixels: Tensor<Wgpu, 4>) -> Result<(Packed, Kept), String> {
    let [_, _, height, width] = pixels.dims();
    let bytes = (pixels.clamp(0.0, 1.0) * 255.0 + 0.5).int();
    let channel = |i: usize| -> Tensor<Wgpu, 2, Int> {
        bytes.clone().narrow(1, i, 1).reshape([height, width])
    };
    let rgba = channel(0) + channel(1) * 0x100 + channel(2) * 0x1_0000 + ALPHA;
    let padded = width.next_multiple_of(ALIGNMENT);
    let rgba = match padded - width {
        0 => rgba,
        missing => {
            let margin = Tensor::zeros([height, missing], &rgba.device());
            Tensor::cat(vec![rgba, margin], 1)
        }
    };
    let tensor = rgba.into_primitive();
    let resource = tensor.client.get_resource(tensor.handle.clone());
    let resource = resource.map_err(|error| format!("{error:?}"))?;
    tensor
        .client
        .flush()
        .map_err(|error| format!("{error:?}"))?;
    let found = resource.resource();
    let packed = Packed {
        buffer: found.buffer.clone(),
        offset: found.offset,
        stride: (4 * padded) as u32,
    };
    let kept = Kept {
        _tensor: tensor,
        _resource: Box::new(resource),
    };
    Ok((packed, kept))
}

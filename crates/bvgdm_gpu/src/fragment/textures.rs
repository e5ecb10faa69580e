//! Buffers and tables as textures.

use bvgdm_plan::Table;

use crate::constants::Precision;

/// Texels a row of the constants, as the shaders have it.
pub(super) const CONSTANTS_WIDTH: usize = 1024;

/// A texture that is read texel by texel.
pub(super) struct Texture {
    pub texture: wgpu::Texture,
    pub view: wgpu::TextureView,
}

impl Texture {
    /// A texture that passes write.
    pub fn new(
        device: &wgpu::Device,
        label: &str,
        width: usize,
        height: usize,
        precision: Precision,
    ) -> Self {
        let usage = wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC;
        Self::make(device, label, [width, height], precision.format(), usage)
    }

    /// A table of weights, `[rows, columns]`, in the stored bytes.
    pub fn of_weights(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        table: &Table,
        precision: Precision,
        bytes: &[u8],
    ) -> Self {
        let format = precision.format();
        let size = [table.columns / 4, table.rows];
        let usage = wgpu::TextureUsages::empty();
        let texture = Self::make(device, &table.name, size, format, usage);
        let len = table.rows * table.columns * precision.bytes();
        texture.write(queue, 0, &bytes[..len]);
        texture
    }

    /// All constants in one texture.
    pub fn of_constants(device: &wgpu::Device, queue: &wgpu::Queue, values: &[f32]) -> Self {
        let lines = values.len().div_ceil(4 * CONSTANTS_WIDTH);
        let mut values = values.to_vec();
        values.resize(4 * lines * CONSTANTS_WIDTH, 0.0);
        let usage = wgpu::TextureUsages::empty();
        let size = [CONSTANTS_WIDTH, lines];
        let texture = Self::make(
            device,
            "bvgdm constants",
            size,
            Precision::Single.format(),
            usage,
        );
        texture.write(queue, 0, bytemuck::cast_slice(&values));
        texture
    }

    fn make(
        device: &wgpu::Device,
        label: &str,
        [width, height]: [usize; 2],
        format: wgpu::TextureFormat,
        usage: wgpu::TextureUsages,
    ) -> Self {
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some(label),
            size: wgpu::Extent3d {
                width: width as u32,
                height: height as u32,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: usage | wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let view = texture.create_view(&Default::default());
        Self { texture, view }
    }

    /// Writes whole rows from `first_row` on.
    pub fn write(&self, queue: &wgpu::Queue, first_row: usize, bytes: &[u8]) {
        let width = self.texture.width();
        let texel = self.texture.format().block_copy_size(None).unwrap_or(16);
        let line = width * texel;
        let rows = bytes.len() as u32 / line;
        queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                texture: &self.texture,
                mip_level: 0,
                origin: wgpu::Origin3d {
                    x: 0,
                    y: first_row as u32,
                    z: 0,
                },
                aspect: wgpu::TextureAspect::All,
            },
            bytes,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(line),
                rows_per_image: Some(rows),
            },
            wgpu::Extent3d {
                width,
                height: rows,
                depth_or_array_layers: 1,
            },
        );
    }
}

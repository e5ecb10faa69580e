//! Buffers and tables as textures.

use bvgdm_plan::Table;

use crate::constants::Precision;

/// Texels a row of the constants, as the shaders have it.
pub(super) const CONSTANTS_WIDTH: usize = 1024;

/// A texture that is read texel by texel.
pub(super) struct Texture {
    pub view: wgpu::TextureView,
}

/// Rows that passes write: row `r` is line `r / layers` of layer `r % layers`, in folds of `lines`.
pub(super) struct Layers {
    pub texture: wgpu::Texture,
    /// Texels of a row.
    pub width: usize,
    /// Lines of a fold.
    pub lines: usize,
    /// Of all layers, to read.
    pub view: wgpu::TextureView,
    /// Of each layer, to draw into.
    pub targets: Vec<wgpu::TextureView>,
}

impl Layers {
    /// `rows` of `width` texels, in one fold.
    pub fn new(
        device: &wgpu::Device,
        label: &str,
        [width, rows]: [usize; 2],
        layers: usize,
        precision: Precision,
    ) -> Self {
        let lines = rows.div_ceil(layers);
        Self::folded(device, label, [width, rows, lines], layers, precision)
    }

    /// `rows` of `width` texels, in folds of `lines`.
    pub fn folded(
        device: &wgpu::Device,
        label: &str,
        [width, rows, lines]: [usize; 3],
        layers: usize,
        precision: Precision,
    ) -> Self {
        let usage = wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC;
        // WebGL2 takes a texture of one layer for one without layers.
        let folds = rows.div_ceil(layers * lines);
        let size = [width * folds, lines, layers.max(2)];
        let texture = make(device, label, size, precision.format(), usage);
        let view = |first: u32, count: Option<u32>, dimension| {
            texture.create_view(&wgpu::TextureViewDescriptor {
                dimension: Some(dimension),
                base_array_layer: first,
                array_layer_count: count,
                ..Default::default()
            })
        };
        let target = |layer| view(layer, Some(1), wgpu::TextureViewDimension::D2);
        Self {
            view: view(0, None, wgpu::TextureViewDimension::D2Array),
            targets: (0..layers as u32).map(target).collect(),
            texture,
            width,
            lines,
        }
    }

    /// Writes whole rows from `first_row` on.
    pub fn write(&self, queue: &wgpu::Queue, first_row: usize, bytes: &[u8]) {
        let row_bytes = self.width * bytes_of_texel(&self.texture);
        let layers = self.targets.len();
        for layer in 0..layers {
            // The first of the rows that lies in this layer, and every one after it.
            let skipped = (layer + layers - first_row % layers) % layers;
            let rows = bytes.chunks_exact(row_bytes).skip(skipped);
            let lines: Vec<u8> = rows.step_by(layers).flatten().copied().collect();
            let line = (first_row + skipped) / layers;
            write_folds(
                &self.texture,
                queue,
                [self.width, self.lines],
                [line, layer],
                &lines,
            );
        }
    }

    /// Encodes a copy of rows to a buffer, `stride` bytes from row to row.
    pub fn copy(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        target: &wgpu::Buffer,
        rows: usize,
        stride: usize,
    ) {
        let layers = self.targets.len();
        for first in (0..rows).step_by(layers * self.lines) {
            for layer in 0..layers.min(rows - first) {
                let lines = (rows - first - layer).div_ceil(layers);
                encoder.copy_texture_to_buffer(
                    wgpu::TexelCopyTextureInfo {
                        origin: origin([first / (layers * self.lines) * self.width, 0, layer]),
                        ..self.texture.as_image_copy()
                    },
                    wgpu::TexelCopyBufferInfo {
                        buffer: target,
                        layout: wgpu::TexelCopyBufferLayout {
                            offset: ((first + layer) * stride) as u64,
                            bytes_per_row: Some((layers * stride) as u32),
                            rows_per_image: None,
                        },
                    },
                    wgpu::Extent3d {
                        width: self.width as u32,
                        height: lines.min(self.lines) as u32,
                        depth_or_array_layers: 1,
                    },
                );
            }
        }
    }
}

impl Texture {
    /// What stands for textures that a pass does not have.
    pub fn nothing(device: &wgpu::Device) -> Self {
        let usage = wgpu::TextureUsages::empty();
        let format = Precision::Half.format();
        Self::of(&make(device, "bvgdm nothing", [1, 1, 1], format, usage))
    }

    fn of(texture: &wgpu::Texture) -> Self {
        let view = texture.create_view(&Default::default());
        Self { view }
    }

    /// A table of weights, `[rows, columns]`, in the stored bytes, in folds of `lines`.
    pub fn of_weights(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        table: &Table,
        lines: usize,
        precision: Precision,
        bytes: &[u8],
    ) -> Self {
        let format = precision.format();
        let width = table.columns / 4;
        let size = [width * table.rows.div_ceil(lines), lines, 1];
        let usage = wgpu::TextureUsages::empty();
        let texture = make(device, &table.name, size, format, usage);
        let len = table.rows * table.columns * precision.bytes();
        write_folds(&texture, queue, [width, lines], [0, 0], &bytes[..len]);
        Self::of(&texture)
    }

    /// All constants in one texture.
    pub fn of_constants(device: &wgpu::Device, queue: &wgpu::Queue, values: &[f32]) -> Self {
        let lines = values.len().div_ceil(4 * CONSTANTS_WIDTH);
        let mut values = values.to_vec();
        values.resize(4 * lines * CONSTANTS_WIDTH, 0.0);
        let usage = wgpu::TextureUsages::empty();
        let size = [CONSTANTS_WIDTH, lines, 1];
        let format = Precision::Single.format();
        let texture = make(device, "bvgdm constants", size, format, usage);
        let bytes = bytemuck::cast_slice(&values);
        write_folds(&texture, queue, [CONSTANTS_WIDTH, lines], [0, 0], bytes);
        Self::of(&texture)
    }
}

fn make(
    device: &wgpu::Device,
    label: &str,
    [width, height, layers]: [usize; 3],
    format: wgpu::TextureFormat,
    usage: wgpu::TextureUsages,
) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some(label),
        size: wgpu::Extent3d {
            width: width as u32,
            height: height as u32,
            depth_or_array_layers: layers as u32,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: usage | wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    })
}

/// Writes lines of a layer that is folded into `lines` of `width` texels, from `line` on.
fn write_folds(
    texture: &wgpu::Texture,
    queue: &wgpu::Queue,
    [width, lines]: [usize; 2],
    [mut line, layer]: [usize; 2],
    mut bytes: &[u8],
) {
    let row_bytes = width * bytes_of_texel(texture);
    while bytes.len() >= row_bytes {
        let (fold, first) = (line / lines, line % lines);
        let count = (lines - first).min(bytes.len() / row_bytes);
        let (now, later) = bytes.split_at(count * row_bytes);
        queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                origin: origin([fold * width, first, layer]),
                ..texture.as_image_copy()
            },
            now,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(row_bytes as u32),
                rows_per_image: Some(count as u32),
            },
            wgpu::Extent3d {
                width: width as u32,
                height: count as u32,
                depth_or_array_layers: 1,
            },
        );
        (line, bytes) = (line + count, later);
    }
}

fn bytes_of_texel(texture: &wgpu::Texture) -> usize {
    texture.format().block_copy_size(None).unwrap_or(16) as usize
}

fn origin([column, line, layer]: [usize; 3]) -> wgpu::Origin3d {
    wgpu::Origin3d {
        x: column as u32,
        y: line as u32,
        z: layer as u32,
    }
}

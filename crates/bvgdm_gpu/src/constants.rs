//! Tables as the GPU holds them: small ones behind each other in one place, weights each by itself
//! and in half precision if wanted.

use std::borrow::Cow;

use bvgdm_plan::{Plan, Table, TableId};
use half::f16;

use crate::error::{GpuError, Result};

/// How a world is laid out on its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// How weights are stored.
    pub weights: Precision,
    /// How what fragment passes write is stored; compute passes write f32.
    pub textures: Precision,
    /// How the threads of compute passes work.
    pub threads: Threads,
    /// Of the textures that a [`Presenter`](crate::Presenter) draws into.
    pub picture: wgpu::TextureFormat,
}

/// How the threads of a workgroup go about products and attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Threads {
    /// As suits the device.
    #[default]
    Suited,
    /// What several need goes through workgroup memory.
    Sharing,
    /// Each by itself: on a processor workgroup memory is no faster than any other, and barriers are
    /// dear.
    Alone,
}

impl Threads {
    pub(crate) fn share(self, device: &wgpu::Device) -> bool {
        match self {
            Self::Suited => device.adapter_info().device_type != wgpu::DeviceType::Cpu,
            Self::Sharing => true,
            Self::Alone => false,
        }
    }
}

impl From<Precision> for Tuning {
    /// Weights of this precision, everything else exact and as suits the device.
    fn from(weights: Precision) -> Self {
        Self {
            weights,
            textures: Precision::Single,
            threads: Threads::default(),
            picture: wgpu::TextureFormat::Rgba8UnormSrgb,
        }
    }
}

/// How numbers are stored. Arithmetic is in f32 either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Two bytes a number.
    #[default]
    Half,
    /// Four bytes a number.
    Single,
}

impl Precision {
    /// Bytes a number.
    pub fn bytes(self) -> usize {
        match self {
            Self::Half => 2,
            Self::Single => 4,
        }
    }

    /// The most exact numbers that fragment passes can write on this adapter: WebGL2 without
    /// `EXT_color_buffer_float` has none.
    pub fn of_targets(adapter: &wgpu::Adapter) -> Option<Self> {
        [Self::Single, Self::Half].into_iter().find(|precision| {
            let features = adapter.get_texture_format_features(precision.format());
            let usages = features.allowed_usages;
            usages.contains(wgpu::TextureUsages::RENDER_ATTACHMENT)
        })
    }

    /// A texture's format with four of these numbers a texel.
    pub(crate) fn format(self) -> wgpu::TextureFormat {
        match self {
            Self::Half => wgpu::TextureFormat::Rgba16Float,
            Self::Single => wgpu::TextureFormat::Rgba32Float,
        }
    }

    /// Numbers as they are stored.
    pub(crate) fn bytes_of(self, values: &[f32]) -> Cow<'_, [u8]> {
        match self {
            Self::Single => Cow::Borrowed(bytemuck::cast_slice(values)),
            Self::Half => {
                let bits = values.iter().map(|&value| f16::from_f32(value).to_bits());
                Cow::Owned(bits.flat_map(u16::to_le_bytes).collect())
            }
        }
    }

    /// Adds the numbers that are stored here.
    pub(crate) fn append(self, bytes: &[u8], numbers: &mut Vec<f32>) {
        match self {
            Self::Half => {
                let (halves, _) = bytes.as_chunks();
                numbers.extend(halves.iter().map(|&half| f16::from_le_bytes(half).to_f32()));
            }
            Self::Single => {
                let (singles, _) = bytes.as_chunks();
                numbers.extend(singles.iter().map(|&single| f32::from_le_bytes(single)));
            }
        }
    }

    /// A table of weights in this precision, filled up to a multiple of 16 bytes.
    pub(crate) fn store(self, table: &Table) -> Result<Vec<u8>> {
        let mut bytes: Vec<u8> = match self {
            Self::Single => bytemuck::cast_slice(&table.values).to_vec(),
            Self::Half => {
                let halves = table.values.iter().map(|&value| {
                    let half = f16::from_f32(value);
                    match half.is_finite() {
                        true => Ok(half.to_bits()),
                        false => Err(GpuError::Overflow {
                            table: table.name.clone(),
                            value,
                        }),
                    }
                });
                bytemuck::cast_slice(&halves.collect::<Result<Vec<u16>>>()?).to_vec()
            }
        };
        bytes.resize(bytes.len().next_multiple_of(16), 0);
        Ok(bytes)
    }
}

/// All tables that are not weights, behind each other.
pub(crate) struct Constants {
    pub values: Vec<f32>,
    /// Where each table begins, in vectors of four numbers.
    offsets: Vec<usize>,
}

impl Constants {
    pub fn of(plan: &Plan) -> Self {
        let (mut values, mut offsets) = (Vec::new(), Vec::new());
        for table in &plan.tables {
            offsets.push(values.len() / 4);
            if !table.weight {
                values.extend_from_slice(&table.values);
            }
        }
        // No buffer may be empty.
        values.resize(values.len().max(4), 0.0);
        Self { values, offsets }
    }

    pub fn offset4(&self, table: TableId) -> usize {
        self.offsets[table.0]
    }
}

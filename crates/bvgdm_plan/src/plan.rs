//! The plan: buffers, tables and passes.

use bvgdm_core::{Frame, WorldConfig, WorldManifest};

use crate::build;
use crate::condition::Conditioner;
use crate::error::Result;
use crate::pass::Pass;
use crate::weights::WeightsFile;

/// Which buffer of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BufferId(pub usize);

/// Which table of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableId(pub usize);

/// Numbers that passes write and read, `[rows, columns]` in f32. Columns are a multiple of 4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buffer {
    /// What it holds.
    pub name: String,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
}

/// Numbers that never change, row-major. Columns are a multiple of 4.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What it holds.
    pub name: String,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// `rows * columns` numbers.
    pub values: Vec<f32>,
    /// Whether it is a matrix of weights, which an engine may keep in half precision.
    pub weight: bool,
}

/// The parts of a generated frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// adaLN's vectors for all of the frame's denoising passes, and the first of these, which also
    /// writes the keys and values of the frame before: both frames' tokens at once cost less than two
    /// passes.
    Commit,
    /// Every further denoising pass, over the new frame's tokens.
    Denoise,
    /// The new latent becomes the last one.
    Advance,
    /// Latent to pixels.
    Decode,
    /// Pixels to the last latent; only where a roll-out begins in a picture.
    Encode,
}

/// The buffers that the outside writes or reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// The latent that is drawn, at first noise, `[tokens, cell]`.
    pub drawn: BufferId,
    /// The newest finished latent, `[tokens, cell]`.
    pub last: BufferId,
    /// The one before it.
    pub before: BufferId,
    /// The newest one as the network is shown it, with the context's noise.
    pub context: BufferId,
    /// Noise for the context, `[tokens, cell]`.
    pub context_noise: BufferId,
    /// Condition of the pending and of the new frame, `[2 steps, D]`.
    pub condition: BufferId,
    /// Temporal rotary positions of both, `[2 steps, head_dim]`.
    pub rope: BufferId,
    /// The picture's patches, `[cells, 3 patch²]`, from [`Stage::Decode`] or for [`Stage::Encode`].
    pub pixels: BufferId,
}

/// How a picture is cut into rows of [`State::pixels`]: cells in the order of the DiT's tokens,
/// pixels `(row, column, channel)` within each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Image {
    /// Pixels a row.
    pub width: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Pixels a side of a cell.
    pub patch: usize,
    /// Cells a side of a token.
    pub group: usize,
}

/// A world's networks as passes, made once and run by any lowering.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What it is a plan of.
    pub config: WorldConfig,
    /// Numbers that change.
    pub buffers: Vec<Buffer>,
    /// Numbers that do not.
    pub tables: Vec<Table>,
    /// The buffers that the outside knows.
    pub state: State,
    /// The picture's layout.
    pub image: Image,
    /// Latents where a roll-out may begin, each `[tokens, cell]`.
    pub starts: Vec<Vec<f32>>,
    /// Noise level and action to the condition: so little work that it stays with the caller.
    pub conditioner: Conditioner,
    pub(crate) stages: [Vec<Pass>; 5],
}

/// Denoising steps for which there is room.
pub const MAX_STEPS: usize = 50;

impl Plan {
    /// Plans a world.
    ///
    /// # Errors
    /// When no pass does what the configuration asks for, or a tensor is not what it should be.
    pub fn new(manifest: &WorldManifest, weights: &WeightsFile<'_>) -> Result<Self> {
        build::plan(&manifest.config, weights)
    }

    /// The passes of one stage, in order.
    pub fn passes(&self, stage: Stage) -> &[Pass] {
        &self.stages[stage as usize]
    }

    /// A buffer's shape and name.
    pub fn buffer(&self, id: BufferId) -> &Buffer {
        &self.buffers[id.0]
    }

    /// A table.
    pub fn table(&self, id: TableId) -> &Table {
        &self.tables[id.0]
    }

    /// Numbers of a latent.
    pub fn latent_len(&self) -> usize {
        let last = self.buffer(self.state.last);
        last.rows * last.columns
    }
}

impl Image {
    /// The pixel in the upper left corner of cell `i`, `[x, y]`.
    pub fn corner(self, i: usize) -> [usize; 2] {
        let columns = self.width / (self.patch * self.group);
        let (token, inner) = (i / (self.group * self.group), i % (self.group * self.group));
        let row = token / columns * self.group + inner / self.group;
        let column = token % columns * self.group + inner % self.group;
        [column * self.patch, row * self.patch]
    }

    /// The picture of rows of patches, if their numbers are some.
    pub fn to_frame(self, patches: &[f32]) -> Option<Frame> {
        let finite = patches.iter().all(|value| value.is_finite());
        finite.then(|| Frame::from_hwc(self.width, self.height, &self.to_pixels(patches)))
    }

    /// Rows of patches to pixels `[height, width, 3]`.
    pub fn to_pixels(self, patches: &[f32]) -> Vec<f32> {
        let mut pixels = vec![0.0; self.width * self.height * 3];
        self.walk(|patch, pixel| {
            pixels[pixel..][..3 * self.patch].copy_from_slice(&patches[patch..][..3 * self.patch]);
        });
        pixels
    }

    /// Pixels `[height, width, 3]` to rows of patches.
    pub fn to_patches(self, pixels: &[f32]) -> Vec<f32> {
        let mut patches = vec![0.0; self.width * self.height * 3];
        self.walk(|patch, pixel| {
            patches[patch..][..3 * self.patch].copy_from_slice(&pixels[pixel..][..3 * self.patch]);
        });
        patches
    }

    /// Calls `f` with where each row of a patch begins among the patches and among the pixels.
    fn walk(self, mut f: impl FnMut(usize, usize)) {
        let cells = self.width * self.height / (self.patch * self.patch);
        for cell in 0..cells {
            let [x, y] = self.corner(cell);
            for row in 0..self.patch {
                let patch = (cell * self.patch + row) * self.patch * 3;
                f(patch, ((y + row) * self.width + x) * 3);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_made_of_numbers_alone() {
        // Two cells of one pixel each in the only row, each its own token.
        let image = Image {
            width: 2,
            height: 1,
            patch: 1,
            group: 1,
        };
        let mut patches = [0.0, 0.5, 1.0, 1.0, 0.0, 0.25];
        let frame = image.to_frame(&patches).unwrap();
        assert_eq!(frame.rgb, [0, 128, 255, 255, 0, 64]);
        patches[4] = f32::NAN;
        assert_eq!(image.to_frame(&patches), None);
    }
}

//! How latents and pictures lie in rows. Cells of the latent stand in the order of the DiT's tokens,
//! channels innermost, so that a token, its cells and their pixels follow each other in every
//! buffer; the weights are brought into this order once.

use bvgdm_core::WorldConfig;

/// Sizes of a world's latents.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Tokens of a frame.
    pub tokens: usize,
    /// Numbers of a token's latent patch.
    pub cell: usize,
    /// Cells of a latent.
    pub cells: usize,
    /// Numbers of a cell's pixels.
    pub patch_numbers: usize,
    /// Cells of a token.
    group: usize,
    channels: usize,
    columns: usize,
    patch: usize,
}

impl Layout {
    pub fn of(config: &WorldConfig) -> Self {
        let (dit, patch) = (&config.dit, config.vae.network.factor());
        let group = dit.patch * dit.patch;
        Self {
            tokens: dit.tokens(),
            cell: dit.channels * group,
            cells: dit.tokens() * group,
            patch_numbers: 3 * patch * patch,
            group,
            channels: dit.channels,
            columns: dit.width,
            patch: dit.patch,
        }
    }

    /// `[row, column]` of cell `i` on the latent's grid.
    pub fn place(&self, i: usize) -> [usize; 2] {
        let (token, inner) = (i / self.group, i % self.group);
        let across = self.columns / self.patch;
        [
            token / across * self.patch + inner / self.patch,
            token % across * self.patch + inner % self.patch,
        ]
    }

    /// Where number `j` of a token's latent patch stands with channels outermost.
    pub fn outermost(&self, j: usize) -> usize {
        (j % self.channels) * self.group + j / self.channels
    }

    /// The order that brings a cell's pixels from channels outermost to innermost.
    pub fn pixel_order(&self) -> Vec<usize> {
        let plane = self.patch_numbers / 3;
        (0..self.patch_numbers)
            .map(|j| (j % 3) * plane + j / 3)
            .collect()
    }

    pub fn to_tokens(self, latent: &[f32]) -> Vec<f32> {
        self.offsets().map(|at| latent[at]).collect()
    }

    pub fn to_latent(self, tokens: &[f32]) -> Vec<f32> {
        let mut latent = vec![0.0; tokens.len()];
        for (at, &value) in self.offsets().zip(tokens) {
            latent[at] = value;
        }
        latent
    }

    /// Where the numbers of the tokens stand in `[C, H, W]`.
    fn offsets(self) -> impl Iterator<Item = usize> {
        (0..self.cells).flat_map(move |i| {
            let [row, column] = self.place(i);
            let plane = self.cells;
            (0..self.channels).map(move |c| c * plane + row * self.columns + column)
        })
    }
}

//! How sequences and their heads lie in a tensor, and how they are turned.

use bvgdm_kernels::View;

/// Sequences that lie side by side: row `t` of sequence `s` is row `t count + s`.
#[derive(Clone, Copy)]
pub struct Sequences<'a> {
    /// How many.
    pub count: usize,
    /// Rows of each.
    pub length: usize,
    /// Heads of each row.
    pub heads: usize,
    /// Of all heads.
    pub width: usize,
    /// `[length, head_dim / 2]`.
    pub cos: &'a [f32],
    /// The same.
    pub sin: &'a [f32],
    /// `[length, length]`, added to the scores.
    pub bias: Option<&'a [f32]>,
}

impl Sequences<'_> {
    /// Channels of a head.
    pub fn head_dim(&self) -> usize {
        self.width / self.heads
    }

    /// Every head of every sequence.
    pub fn each(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let heads = self.heads;
        (0..self.count * heads).map(move |i| (i / heads, i % heads))
    }

    /// A head's rows in a tensor of `parts` parts as wide as all heads.
    #[inline(always)]
    pub fn rows<'a>(
        &self,
        x: &'a [f32],
        parts: usize,
        part: usize,
        at: (usize, usize),
    ) -> View<'a> {
        View {
            values: &x[self.first(parts, part, at)..],
            rows: self.length,
            columns: self.head_dim(),
            stride: self.stride(parts),
        }
    }

    /// Where [`rows`](Self::rows) begin.
    pub fn first(&self, parts: usize, part: usize, (sequence, head): (usize, usize)) -> usize {
        (sequence * parts + part) * self.width + head * self.head_dim()
    }

    /// Numbers from one row of a sequence to the next.
    pub fn stride(&self, parts: usize) -> usize {
        self.count * parts * self.width
    }

    /// Writes `x`, turned by its positions, to dense rows.
    #[inline(always)]
    pub fn turn(&self, x: View<'_>, to: &mut [f32]) {
        let half = x.columns / 2;
        let rows = to
            .chunks_exact_mut(x.columns)
            .zip(x.values.chunks(x.stride));
        let tables = self.cos.chunks_exact(half).zip(self.sin.chunks_exact(half));
        for ((to, x), (cos, sin)) in rows.zip(tables) {
            let ((a, b), (to_a, to_b)) = (x[..2 * half].split_at(half), to.split_at_mut(half));
            for i in 0..half.min(cos.len()).min(sin.len()) {
                to_a[i] = a[i] * cos[i] - b[i] * sin[i];
                to_b[i] = b[i] * cos[i] + a[i] * sin[i];
            }
        }
    }

    /// Writes dense rows, turned back, `stride` numbers from row to row.
    #[inline(always)]
    pub fn turn_back(&self, x: &[f32], to: &mut [f32], stride: usize) {
        let head = self.head_dim();
        let half = head / 2;
        let rows = x.chunks_exact(head).zip(to.chunks_mut(stride));
        let tables = self.cos.chunks_exact(half).zip(self.sin.chunks_exact(half));
        for ((x, to), (cos, sin)) in rows.zip(tables) {
            let ((a, b), (to_a, to_b)) = (x.split_at(half), to[..2 * half].split_at_mut(half));
            for i in 0..half.min(cos.len()).min(sin.len()) {
                to_a[i] = a[i] * cos[i] + b[i] * sin[i];
                to_b[i] = b[i] * cos[i] - a[i] * sin[i];
            }
        }
    }
}

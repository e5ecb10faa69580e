//! What the inverse-dynamics network sees of three frames.
//!
//! A cost volume (as in optical-flow networks: Sun et al. 2018) makes motion easy to read for a
//! small network: how well every cell of a frame matches the next frame at every displacement.
//! Beside it stand the cell's colours and how they change, for flashes and lamps.

use bvgdm_core::Frame;

/// Frames that are looked at together.
pub(super) const FRAMES: usize = 3;
/// Cells of a frame, and their side in working pixels.
pub(super) const CELLS: usize = COLUMNS * ROWS;
const COLUMNS: usize = 7;
const ROWS: usize = 4;
const SIDE: usize = 8;
/// Working size: half of 112 by 64.
const WIDTH: usize = COLUMNS * SIDE;
const HEIGHT: usize = ROWS * SIDE;
/// Furthest displacements in working pixels.
const FAR_X: i32 = 7;
const FAR_Y: i32 = 4;
const SHIFTS: usize = (2 * FAR_X as usize + 1) * (2 * FAR_Y as usize + 1);
/// Colours of a cell: patches of 2 by 2 working pixels.
const PATCHES: usize = (SIDE / 2) * (SIDE / 2) * 3;
/// Numbers of one cell: the match of two pairs of frames, and three times its colours.
pub(super) const WIDTH_OF_CELL: usize = 2 * SHIFTS + 3 * PATCHES;

/// A frame at the working size, channels first, in 0 to 255.
pub(super) struct Small {
    rgb: [Vec<f32>; 3],
    luma: Vec<u8>,
}

impl Small {
    /// The means of the pixels that fall on each working pixel.
    pub fn new(frame: &Frame) -> Self {
        let mut rgb = [const { Vec::new() }; 3];
        for y in 0..HEIGHT {
            let rows = span(y, HEIGHT, frame.height);
            for x in 0..WIDTH {
                let columns = span(x, WIDTH, frame.width);
                let mut sum = [0u32; 3];
                for row in rows.clone() {
                    let from = 3 * (row * frame.width + columns.start);
                    let pixels = frame.rgb.get(from..from + 3 * columns.len());
                    for (i, &byte) in pixels.unwrap_or_default().iter().enumerate() {
                        if let Some(sum) = sum.get_mut(i % 3) {
                            *sum += u32::from(byte);
                        }
                    }
                }
                let area = (rows.len() * columns.len()).max(1) as f32;
                for (plane, sum) in rgb.iter_mut().zip(sum) {
                    plane.push(sum as f32 / area);
                }
            }
        }
        let [r, g, b] = &rgb;
        let luma = r.iter().zip(g).zip(b);
        let luma = luma
            .map(|((r, g), b)| (0.299 * r + 0.587 * g + 0.114 * b) as u8)
            .collect();
        Self { rgb, luma }
    }

    /// The mean of a patch of 2 by 2, in [0, 1].
    fn patch(&self, channel: usize, x: usize, y: usize) -> f32 {
        let plane = self.rgb.get(channel).map(Vec::as_slice).unwrap_or_default();
        let at = |x: usize, y: usize| plane.get(y * WIDTH + x).copied().unwrap_or(0.0);
        (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / (4.0 * 255.0)
    }
}

/// The source pixels of target pixel `i`; at least one.
fn span(i: usize, targets: usize, sources: usize) -> std::ops::Range<usize> {
    let from = i * sources / targets;
    from..((i + 1) * sources / targets).max(from + 1).min(sources)
}

/// The features of three frames, `CELLS * WIDTH_OF_CELL` bytes: 128 is the middle.
pub(super) fn features(frames: [&Small; FRAMES]) -> Vec<u8> {
    let [first, second, third] = frames;
    let (early, late) = (matches(first, second), matches(second, third));
    let mut out = Vec::with_capacity(CELLS * WIDTH_OF_CELL);
    for cell in 0..CELLS {
        for costs in [&early, &late] {
            let costs = costs
                .get(cell * SHIFTS..(cell + 1) * SHIFTS)
                .unwrap_or_default();
            push_normalised(costs, &mut out);
        }
        let (left, top) = (cell % COLUMNS * SIDE, cell / COLUMNS * SIDE);
        for (dx, dy) in (0..SIDE * SIDE / 4).map(|i| (i % (SIDE / 2) * 2, i / (SIDE / 2) * 2)) {
            for channel in 0..3 {
                let [a, b, c] = frames.map(|frame| frame.patch(channel, left + dx, top + dy));
                out.extend([b, 0.5 + (b - a), 0.5 + (c - b)].map(|value| (value * 255.0) as u8));
            }
        }
    }
    out
}

/// For every cell and displacement the summed absolute difference of the cell's luma in `from` and
/// the displaced pixels in `to`; beyond the border there is the border.
fn matches(from: &Small, to: &Small) -> Vec<u32> {
    let mut costs = vec![0u32; CELLS * SHIFTS];
    let mut shift = 0;
    // The row of `to` that is compared, with its ends drawn out.
    let mut row = [0u8; WIDTH + 2 * FAR_X as usize];
    for dy in -FAR_Y..=FAR_Y {
        for y in 0..HEIGHT {
            let other = (y as i32 + dy).clamp(0, HEIGHT as i32 - 1) as usize;
            let (Some(mine), Some(theirs)) = (line(&from.luma, y), line(&to.luma, other)) else {
                continue;
            };
            for (x, pixel) in row.iter_mut().enumerate() {
                let x = x.saturating_sub(FAR_X as usize).min(WIDTH - 1);
                *pixel = theirs.get(x).copied().unwrap_or(0);
            }
            for dx in 0..=2 * FAR_X as usize {
                let cells = mine
                    .chunks_exact(SIDE)
                    .zip(row.get(dx..).unwrap_or_default().chunks(SIDE));
                for (column, (mine, theirs)) in cells.enumerate() {
                    let cost: u32 = mine
                        .iter()
                        .zip(theirs)
                        .map(|(&a, &b)| u32::from(a.abs_diff(b)))
                        .sum();
                    let cell = y / SIDE * COLUMNS + column;
                    if let Some(sum) = costs.get_mut(cell * SHIFTS + shift + dx) {
                        *sum += cost;
                    }
                }
            }
        }
        shift += 2 * FAR_X as usize + 1;
    }
    costs
}

fn line(luma: &[u8], y: usize) -> Option<&[u8]> {
    luma.get(y * WIDTH..(y + 1) * WIDTH)
}

/// Costs so that the best match is 0 and a match as bad as the mean is 128; a cell without texture
/// gives little of either.
fn push_normalised(costs: &[u32], out: &mut Vec<u8>) {
    let best = costs.iter().copied().min().unwrap_or(0) as f32;
    let mean = costs.iter().sum::<u32>() as f32 / costs.len().max(1) as f32;
    // One grey level of difference in every pixel is noise.
    let unit = mean - best + (SIDE * SIDE) as f32;
    out.extend(
        costs
            .iter()
            .map(|&cost| (128.0 * (cost as f32 - best) / unit).min(255.0) as u8),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture with texture, moved to the left.
    fn moved(by: usize) -> Frame {
        let (width, height) = (112, 64);
        let noise = |x: usize, y: usize| {
            let (x, y) = (x / 4, y / 4);
            ((x * x * 31 + y * y * 17 + x * y * 7 + x * 13) * 97 % 251) as u8
        };
        let pixels = (0..width * height).flat_map(|i| [noise(i % width + by, i / width); 3]);
        Frame::new(width, height, pixels.collect()).unwrap()
    }

    #[test]
    fn the_best_match_is_where_the_picture_went() {
        let frames = [0, 6, 6].map(|by| Small::new(&moved(by)));
        let [a, b, c] = &frames;
        let features = features([a, b, c]);
        assert_eq!(features.len(), CELLS * WIDTH_OF_CELL);
        let best = |from: usize| {
            // A cell in the middle, away from the border.
            let cell = &features[(COLUMNS + 3) * WIDTH_OF_CELL + from..][..SHIFTS];
            let at = (0..SHIFTS).min_by_key(|&i| cell[i]).unwrap() as i32;
            (at % (2 * FAR_X + 1) - FAR_X, at / (2 * FAR_X + 1) - FAR_Y)
        };
        // Six pixels at full size are three at the working size.
        assert_eq!(best(0), (-3, 0));
        assert_eq!(best(SHIFTS), (0, 0));
    }

    #[test]
    fn a_flash_shows_in_the_colours() {
        let grey = |value| Small::new(&Frame::new(8, 8, vec![value; 192]).unwrap());
        let (dark, light) = (grey(60), grey(120));
        let features = features([&dark, &light, &dark]);
        let colours = &features[2 * SHIFTS..][..3];
        assert_eq!(colours, [120, 187, 67]);
    }
}

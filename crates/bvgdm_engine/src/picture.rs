//! Any picture to a world's size.

use bvgdm_core::Frame;

/// The middle of `picture` with the proportions of `width` to `height`, scaled to that size; every
/// pixel is the mean of what it covers.
pub(crate) fn fit(picture: &Frame, width: usize, height: usize) -> Frame {
    if (picture.width, picture.height) == (width, height) {
        return picture.clone();
    }
    // Source pixels a target pixel, the same in both directions.
    let scale = (picture.width as f64 / width as f64).min(picture.height as f64 / height as f64);
    let columns = spans(picture.width, width, scale);
    let rows = spans(picture.height, height, scale);
    let mut rgb = Vec::with_capacity(width * height * 3);
    for row in &rows {
        for column in &columns {
            for channel in 0..3 {
                rgb.push(mean(picture, row.clone(), column.clone(), channel));
            }
        }
    }
    Frame { width, height, rgb }
}

/// The source pixels that each of `to` target pixels covers, from the middle of `from`.
fn spans(from: usize, to: usize, scale: f64) -> Vec<std::ops::Range<usize>> {
    let margin = (from as f64 - to as f64 * scale) / 2.0;
    let edge = |i: usize| ((margin + i as f64 * scale).round() as usize).min(from);
    (0..to)
        .map(|i| {
            let begin = edge(i).min(from.saturating_sub(1));
            begin..edge(i + 1).max(begin + 1)
        })
        .collect()
}

fn mean(
    picture: &Frame,
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
    channel: usize,
) -> u8 {
    let count = (rows.len() * columns.len()).max(1);
    let sum: usize = rows
        .flat_map(|y| {
            columns
                .clone()
                .map(move |x| (y * picture.width + x) * 3 + channel)
        })
        .filter_map(|at| picture.rgb.get(at))
        .map(|&byte| usize::from(byte))
        .sum();
    ((sum + count / 2) / count).min(255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_picture_is_averaged_and_its_sides_are_cut() {
        // 8 x 2: the middle 4 columns are kept, two by two.
        let row = |bright: [u8; 8]| bright.into_iter().flat_map(|b| [b, 0, b]);
        let rgb = row([9, 9, 10, 20, 50, 70, 9, 9])
            .chain(row([9, 9, 30, 40, 60, 80, 9, 9]))
            .collect();
        let picture = Frame::new(8, 2, rgb).unwrap();
        assert_eq!(fit(&picture, 2, 1).rgb, [25, 0, 25, 65, 0, 65]);
    }

    #[test]
    fn a_smaller_picture_fills_the_size() {
        let picture = Frame::new(1, 1, vec![1, 2, 3]).unwrap();
        assert_eq!(fit(&picture, 3, 2).rgb, [1, 2, 3].repeat(6));
    }
}

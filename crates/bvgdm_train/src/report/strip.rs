//! Real frames above generated ones.

use bvgdm_core::Frame;

use super::canvas::Canvas;
use crate::error::{Result, TrainError};

/// Pixels between frames.
const GAP: usize = 4;
const BACKGROUND: [u8; 3] = [255; 3];

/// The frames of `real` in a row, and those of `generated` in a row below, each `scale` times as
/// large, or less where the picture would be larger than a frame may be; there may be room for the first
/// few only. Column `i` shows the same moment twice.
///
/// # Errors
/// When there is no frame, the rows differ in length or the frames in size, or not one has room.
pub fn strip(real: &[Frame], generated: &[Frame], scale: usize) -> Result<Frame> {
    let Some(first) = real.first() else {
        return Err(TrainError::unsuitable(
            "frames of a strip",
            "at least one",
            0,
        ));
    };
    if real.len() != generated.len() {
        let (expected, found) = (real.len(), generated.len());
        return Err(TrainError::unsuitable(
            "generated frames of a strip",
            expected,
            found,
        ));
    }
    for frame in real.iter().chain(generated) {
        if (frame.width, frame.height) != (first.width, first.height) {
            let expected = format!("{} x {}", first.width, first.height);
            let found = format!("{} x {}", frame.width, frame.height);
            return Err(TrainError::unsuitable(
                "size of a strip's frame",
                expected,
                found,
            ));
        }
    }
    let room = Frame::MAX_SIDE + GAP;
    let fits = |count: usize, side: usize| (room / count).saturating_sub(GAP) / side.max(1);
    let most = fits(real.len(), first.width).min(fits(2, first.height));
    let scale = scale.min(most).max(1);
    let [width, height] = [first.width, first.height].map(|side| side * scale + GAP);
    let columns = real.len().min(room / width);
    let mut canvas = blank([(columns * width).saturating_sub(GAP), 2 * height - GAP])?;
    for (row, frames) in [real, generated].into_iter().enumerate() {
        for (column, frame) in frames.iter().take(columns).enumerate() {
            canvas.picture(column * width, row * height, frame, scale);
        }
    }
    Ok(canvas.finish())
}

/// Pictures below each other, with a gap; the first few where there is no room for all.
///
/// # Errors
/// When not one has room.
pub fn stack(pictures: &[Frame]) -> Result<Frame> {
    let mut height = 0;
    let fit = pictures.iter().take_while(|picture| {
        height += picture.height + 3 * GAP;
        height <= Frame::MAX_SIDE + 3 * GAP
    });
    let pictures = &pictures[..fit.count()];
    let width = pictures.iter().map(|picture| picture.width).max();
    let height: usize = pictures.iter().map(|p| p.height + 3 * GAP).sum();
    let mut canvas = blank([width.unwrap_or(0), height.saturating_sub(3 * GAP)])?;
    let mut top = 0;
    for picture in pictures {
        canvas.picture(0, top, picture, 1);
        top += picture.height + 3 * GAP;
    }
    Ok(canvas.finish())
}

fn blank([width, height]: [usize; 2]) -> Result<Canvas> {
    let sides = 1..=Frame::MAX_SIDE;
    if sides.contains(&width) && sides.contains(&height) {
        Ok(Canvas::new(width, height, BACKGROUND))
    } else {
        let expected = format!("1 to {} a side", Frame::MAX_SIDE);
        Err(TrainError::unsuitable(
            "size of the picture",
            expected,
            format!("{width} x {height}"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_frames_stand_above_generated_ones() {
        let grey = |value| Frame::new(3, 2, vec![value; 18]).unwrap();
        let picture = strip(&[grey(1), grey(2)], &[grey(3), grey(4)], 2).unwrap();
        assert_eq!((picture.width, picture.height), (6 + 4 + 6, 4 + 4 + 4));
        let at = |x: usize, y: usize| picture.rgb[3 * (y * picture.width + x)];
        assert_eq!(
            [at(0, 0), at(15, 3), at(0, 8), at(15, 11), at(7, 0)],
            [1, 2, 3, 4, 255]
        );
        assert_eq!(
            stack(&[picture.clone(), picture]).unwrap().height,
            12 + 12 + 12
        );
    }

    #[test]
    fn rows_of_different_length_are_refused() {
        let grey = Frame::new(3, 2, vec![1; 18]).unwrap();
        assert!(
            strip(
                &[grey.clone(), grey.clone()],
                std::slice::from_ref(&grey),
                1
            )
            .is_err()
        );
        assert!(strip(&[], &[], 1).is_err());
    }

    #[test]
    fn large_frames_are_drawn_smaller_then_fewer_of_them_and_not_at_all_at_last() {
        let size = |width, height, count| {
            let frames =
                vec![Frame::new(width, height, vec![1; 3 * width * height]).unwrap(); count];
            strip(&frames, &frames, 2).map(|picture| (picture.width, picture.height))
        };
        assert_eq!(size(240, 8, 8).unwrap(), (8 * 484 - 4, 36));
        assert_eq!(size(256, 8, 8).unwrap(), (8 * 260 - 4, 20));
        assert_eq!(size(640, 8, 8).unwrap(), (6 * 644 - 4, 20));
        assert_eq!(size(4096, 1, 8).unwrap(), (4096, 6));
        let error = size(8, 4096, 1).unwrap_err().to_string();
        assert!(error.contains("expected 1 to 4096"), "{error}");
        let tall = Frame::new(1, 1500, vec![1; 4500]).unwrap();
        let stacked = stack(&[tall.clone(), tall.clone(), tall]).unwrap();
        assert_eq!(stacked.height, 1500 + 12 + 1500);
    }
}

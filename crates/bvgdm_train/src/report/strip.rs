//! Real frames above generated ones.

use bvgdm_core::Frame;

use super::canvas::Canvas;
use crate::error::{Result, TrainError};

/// Pixels between frames.
const GAP: usize = 4;
const BACKGROUND: [u8; 3] = [255; 3];

/// The frames of `real` in a row, and those of `generated` in a row below, each `scale` times as
/// large. Column `i` shows the same moment twice.
///
/// # Errors
/// When there is no frame, the rows differ in length or the frames in size, or the picture would
/// be larger than a frame may be.
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
    let (width, height) = (first.width * scale, first.height * scale);
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
    let full = [real.len() * (width + GAP) - GAP, 2 * height + GAP];
    let mut canvas = blank(full)?;
    for (row, frames) in [real, generated].into_iter().enumerate() {
        for (column, frame) in frames.iter().enumerate() {
            canvas.picture(column * (width + GAP), row * (height + GAP), frame, scale);
        }
    }
    Ok(canvas.finish())
}

/// Pictures below each other, with a gap.
///
/// # Errors
/// When there is none, or the picture would be larger than a frame may be.
pub fn stack(pictures: &[Frame]) -> Result<Frame> {
    let width = pictures
        .iter()
        .map(|picture| picture.width)
        .max()
        .unwrap_or(0);
    let height: usize = pictures
        .iter()
        .map(|picture| picture.height + 3 * GAP)
        .sum();
    let mut canvas = blank([width, height.saturating_sub(3 * GAP)])?;
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
        assert!(
            strip(
                std::slice::from_ref(&grey),
                std::slice::from_ref(&grey),
                100_000
            )
            .is_err()
        );
    }
}

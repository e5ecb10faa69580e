//! What is held, drawn over the lower left of a picture.

use bvgdm_core::{ActionKind, ActionSchema, ActionVector, Frame};

use super::font::{ADVANCE, HEIGHT, LINE, WIDTH, dot};

const TEXT: [u8; 3] = [255, 255, 255];
/// Dots of a picture's height: a dot is one pixel in a picture this high, two in one twice as high.
const DOTS_HIGH: usize = 120;

/// Draws the names of the buttons that are held and the axes that are not at rest, with their values
/// in the schema's units. What does not fit is left out.
pub(super) fn draw(frame: &mut Frame, schema: &ActionSchema, action: &ActionVector) {
    let scale = (frame.height / DOTS_HIGH).max(1);
    let columns = (frame.width / (ADVANCE * scale)).saturating_sub(1);
    let lines = wrap(words(schema, action), columns);
    let height = LINE * scale;
    for (i, line) in lines.iter().rev().enumerate() {
        let Some(top) = frame.height.checked_sub((i + 1) * height) else {
            return;
        };
        let width = ((line.chars().count() * ADVANCE + 1) * scale).min(frame.width);
        darken(frame, top, width, height);
        for (c, character) in line.chars().enumerate() {
            for (column, row) in (0..WIDTH * HEIGHT).map(|i| (i % WIDTH, i / WIDTH)) {
                if dot(character, column, row) {
                    let left = (c * ADVANCE + 1 + column) * scale;
                    square(frame, left, top + (row + 1) * scale, scale);
                }
            }
        }
    }
}

fn words(schema: &ActionSchema, action: &ActionVector) -> Vec<String> {
    let held = schema
        .actions
        .iter()
        .zip(&action.0)
        .filter(|(_, v)| **v != 0.0);
    held.map(|(action, value)| match action.kind {
        ActionKind::Button => action.name.clone(),
        ActionKind::Axis { .. } => format!("{} {value:+.1}", action.name),
    })
    .collect()
}

/// Lines of at most `columns` characters; a longer word is cut.
fn wrap(words: Vec<String>, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        let word: String = word.chars().take(columns).collect();
        match lines.last_mut() {
            Some(line) if line.chars().count() + 2 + word.chars().count() <= columns => {
                line.push_str("  ");
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

fn darken(frame: &mut Frame, top: usize, width: usize, height: usize) {
    for row in frame
        .rgb
        .chunks_exact_mut(frame.width * 3)
        .skip(top)
        .take(height)
    {
        row.iter_mut().take(width * 3).for_each(|value| *value /= 4);
    }
}

fn square(frame: &mut Frame, left: usize, top: usize, side: usize) {
    for row in frame
        .rgb
        .chunks_exact_mut(frame.width * 3)
        .skip(top)
        .take(side)
    {
        for pixel in row.as_chunks_mut::<3>().0.iter_mut().skip(left).take(side) {
            *pixel = TEXT;
        }
    }
}

#[cfg(test)]
mod tests {
    use bvgdm_core::ActionSpec;

    use super::*;

    #[test]
    fn only_what_is_held_is_drawn() {
        let actions = [
            ActionSpec::button("jump"),
            ActionSpec::axis("yaw", -9.0, 9.0),
        ];
        let schema = ActionSchema::new(actions).unwrap();
        let gray = Frame::new(160, 120, vec![128; 160 * 120 * 3]).unwrap();
        let drawn = |values: [f32; 2]| {
            let mut frame = gray.clone();
            draw(&mut frame, &schema, &ActionVector(values.to_vec()));
            frame
        };
        assert_eq!(drawn([0.0, 0.0]), gray);
        assert_ne!(drawn([1.0, 0.0]), gray);
        assert_ne!(drawn([1.0, 0.0]), drawn([1.0, -2.5]));
        assert_eq!(
            words(&schema, &ActionVector(vec![1.0, -2.5])),
            ["jump", "yaw -2.5"]
        );
    }

    #[test]
    fn small_pictures_and_strange_names_are_drawn_too() {
        let schema = ActionSchema::new([ActionSpec::button("übergroßer Sprung")]).unwrap();
        for (width, height) in [(1, 1), (3, 200), (40, 7), (400, 300)] {
            let mut frame = Frame::new(width, height, vec![9; width * height * 3]).unwrap();
            draw(&mut frame, &schema, &ActionVector(vec![1.0]));
            assert_eq!(frame.rgb.len(), width * height * 3);
        }
    }
}

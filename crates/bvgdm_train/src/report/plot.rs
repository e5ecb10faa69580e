//! Lines over the steps of a run.

use bvgdm_core::Frame;

use super::canvas::{Canvas, Color};

const WIDTH: usize = 880;
const HEIGHT: usize = 480;
/// Left, right, top, bottom.
const MARGIN: [usize; 4] = [64, 16, 28, 28];
const WHITE: Color = [255; 3];
const GRID: Color = [226; 3];
const INK: Color = [70; 3];
/// Colour-blind safe (Okabe and Ito 2008).
const COLORS: [Color; 5] = [
    [0, 114, 178],
    [213, 94, 0],
    [0, 158, 115],
    [204, 121, 167],
    [86, 180, 233],
];
/// A line with more points than this is drawn pale, with its running mean on top.
const SMOOTH_ABOVE: usize = 200;

/// One line.
#[derive(Debug, Clone, Default)]
pub struct Series {
    /// What the legend calls it.
    pub name: String,
    /// Step and value, steps ascending; values that are not finite (or, on a logarithmic axis,
    /// not positive) are left out.
    pub points: Vec<(f64, f64)>,
}

/// A line plot with axes, ticks and a legend.
#[derive(Debug, Clone, Default)]
pub struct Plot {
    /// Stands above.
    pub title: String,
    /// The lines, at most five in colours of their own.
    pub series: Vec<Series>,
    /// Whether the value axis is logarithmic.
    pub log: bool,
}

/// Where values are on the picture.
struct Axes {
    x: [f64; 2],
    y: [f64; 2],
}

impl Plot {
    /// The plot as a picture of 880 by 480 pixels.
    pub fn draw(&self) -> Frame {
        let mut canvas = Canvas::new(WIDTH, HEIGHT, WHITE);
        let lines: Vec<Vec<(f64, f64)>> = self.series.iter().map(|s| self.usable(s)).collect();
        let axes = Axes::around(lines.iter().flatten().copied());
        self.draw_axes(&mut canvas, &axes);
        let colors = COLORS.iter().cycle();
        for (line, &color) in lines.iter().zip(colors.clone()) {
            if line.len() > SMOOTH_ABOVE {
                axes.draw(&mut canvas, line, 1, pale(color));
            }
        }
        for (line, &color) in lines.iter().zip(colors.clone()) {
            if line.len() > SMOOTH_ABOVE {
                axes.draw(&mut canvas, &smooth(line), 2, color);
            } else {
                axes.draw(&mut canvas, line, 2, color);
            }
        }
        let mut left = MARGIN[0] as i64;
        canvas.text(left, 10, &self.title, INK);
        left += Canvas::text_width(&self.title) + 24;
        for (series, &color) in self.series.iter().zip(colors) {
            canvas.line((left as f64, 13.0), (left as f64 + 16.0, 13.0), 2, color);
            canvas.text(left + 22, 10, &series.name, INK);
            left += 22 + Canvas::text_width(&series.name) + 18;
        }
        canvas.finish()
    }

    /// The points that can be drawn, values as the axis counts them.
    fn usable(&self, series: &Series) -> Vec<(f64, f64)> {
        let value = |y: f64| if self.log { y.log10() } else { y };
        let points = series.points.iter().map(|&(x, y)| (x, value(y)));
        points
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .collect()
    }

    fn draw_axes(&self, canvas: &mut Canvas, axes: &Axes) {
        let marks = if self.log {
            log_ticks(axes.y)
        } else {
            ticks(axes.y, 6)
        };
        for tick in marks {
            let (left, y) = axes.place((axes.x[0], tick));
            let (right, _) = axes.place((axes.x[1], tick));
            canvas.line((left, y), (right, y), 1, GRID);
            let text = label(if self.log { 10f64.powf(tick) } else { tick });
            let x = MARGIN[0] as i64 - 6 - Canvas::text_width(&text);
            canvas.text(x, y as i64 - 3, &text, INK);
        }
        for tick in ticks(axes.x, 8) {
            let (x, bottom) = axes.place((tick, axes.y[0]));
            let (_, top) = axes.place((tick, axes.y[1]));
            canvas.line((x, bottom), (x, top), 1, GRID);
            let text = label(tick);
            canvas.text(
                x as i64 - Canvas::text_width(&text) / 2,
                bottom as i64 + 8,
                &text,
                INK,
            );
        }
        let corner = axes.place((axes.x[0], axes.y[0]));
        canvas.line(corner, axes.place((axes.x[1], axes.y[0])), 1, INK);
        canvas.line(corner, axes.place((axes.x[0], axes.y[1])), 1, INK);
    }
}

impl Axes {
    /// Axes that hold all points, with a little room above and below.
    fn around(points: impl Iterator<Item = (f64, f64)> + Clone) -> Self {
        let range = |values: &mut dyn Iterator<Item = f64>| {
            values.fold([f64::MAX, f64::MIN], |[low, high], v| {
                [low.min(v), high.max(v)]
            })
        };
        let sound = |[low, high]: [f64; 2], room: f64| match (high - low).partial_cmp(&0.0) {
            Some(std::cmp::Ordering::Greater) => {
                [low - room * (high - low), high + room * (high - low)]
            }
            Some(std::cmp::Ordering::Equal) => [low - 0.5, high + 0.5],
            // No point at all.
            _ => [0.0, 1.0],
        };
        Self {
            x: sound(range(&mut points.clone().map(|p| p.0)), 0.0),
            y: sound(range(&mut points.map(|p| p.1)), 0.04),
        }
    }

    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let [left, right, top, bottom] = MARGIN.map(|m| m as f64);
        let share = |value: f64, [low, high]: [f64; 2]| (value - low) / (high - low);
        (
            left + share(x, self.x) * (WIDTH as f64 - left - right),
            HEIGHT as f64 - bottom - share(y, self.y) * (HEIGHT as f64 - top - bottom),
        )
    }

    fn draw(&self, canvas: &mut Canvas, line: &[(f64, f64)], thickness: i64, color: Color) {
        for pair in line.windows(2) {
            if let &[from, to] = pair {
                canvas.line(self.place(from), self.place(to), thickness, color);
            }
        }
        if let &[only] = line {
            let (x, y) = self.place(only);
            canvas.line((x - 2.0, y), (x + 2.0, y), 2, color);
        }
    }
}

/// Round numbers (1, 2 or 5 times a power of ten) within a range, about `count` of them.
fn ticks([low, high]: [f64; 2], count: usize) -> Vec<f64> {
    let rough = (high - low) / count as f64;
    let power = 10f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|f| f * power >= rough)
        .unwrap_or(10.0);
    let step = factor * power;
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last.min(first.saturating_add(50)))
        .map(|i| i as f64 * step)
        .collect()
}

/// The logarithms of 1, 2 and 5 times the powers of ten within a range of logarithms; of the powers
/// alone if the range is wide.
fn log_ticks([low, high]: [f64; 2]) -> Vec<f64> {
    let factors: &[f64] = if high - low > 3.0 {
        &[1.0]
    } else {
        &[1.0, 2.0, 5.0]
    };
    let powers = (low.floor() as i32)..=(high.ceil() as i32).min(low.floor() as i32 + 50);
    let all = powers.flat_map(|power| factors.iter().map(move |f| f.log10() + f64::from(power)));
    all.filter(|tick| (low..=high).contains(tick)).collect()
}

fn label(value: f64) -> String {
    let size = value.abs();
    if size >= 1e6 {
        format!("{:.1}M", value / 1e6)
    } else if size >= 1e4 {
        format!("{:.0}K", value / 1e3)
    } else if size >= 100.0 || size == 0.0 {
        format!("{value:.0}")
    } else if size >= 9.9e-4 {
        let digits = (2 - size.log10().floor() as i32).clamp(0, 5) as usize;
        let text = format!("{value:.digits$}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{value:.1e}")
    }
}

/// The running mean over a fiftieth of the points to either side.
fn smooth(line: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let reach = line.len() / 50;
    let every = (line.len() / WIDTH).max(1);
    (0..line.len())
        .step_by(every)
        .filter_map(|i| {
            let around = line.get(i.saturating_sub(reach)..(i + reach + 1).min(line.len()))?;
            let mean = around.iter().map(|p| p.1).sum::<f64>() / around.len() as f64;
            Some((line.get(i)?.0, mean))
        })
        .collect()
}

fn pale(color: Color) -> Color {
    color.map(|c| 255 - (255 - c) / 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_numbers_within_the_range() {
        assert_eq!(ticks([0.0, 10.0], 5), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks([0.3, 1.1], 4), [0.4, 0.6000000000000001, 0.8, 1.0]);
        assert_eq!(
            [label(0.0125), label(25_000.0), label(3.0), label(1e-5)],
            ["0.0125", "25K", "3", "1.0e-5"]
        );
    }

    #[test]
    fn a_falling_loss_falls_on_the_picture() {
        let points = (0..100)
            .map(|i| (f64::from(i), 1.0 / f64::from(i + 1)))
            .collect();
        let series = vec![Series {
            name: "loss".into(),
            points,
        }];
        let frame = Plot {
            title: "vae".into(),
            series,
            log: true,
        }
        .draw();
        // The highest row of each column that has the line's colour.
        let top =
            |x: usize| (0..HEIGHT).find(|y| frame.rgb[3 * (y * WIDTH + x)..][..3] == COLORS[0]);
        let (left, right) = (
            top(MARGIN[0] + 10).unwrap(),
            top(WIDTH - MARGIN[1] - 10).unwrap(),
        );
        assert!(left + 200 < right, "{left} {right}");
    }

    #[test]
    fn nothing_and_nan_can_be_drawn() {
        Plot::default().draw();
        let points = vec![(0.0, f64::NAN), (1.0, -1.0), (f64::INFINITY, 2.0)];
        let series = vec![Series {
            name: "bad".into(),
            points,
        }];
        Plot {
            title: String::new(),
            series,
            log: true,
        }
        .draw();
    }
}

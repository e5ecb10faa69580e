//! Measurements in columns.

use bvgdm_core::PlayCost;
use bvgdm_gpu::Ceilings;
use serde_json::{Value, json};

use super::measure::{Measured, Memory, Times, stretch};
use crate::table::{megabytes, row};

/// The memory that a process is meant to play a world in, in bytes.
const MEMORY_BOUND: u64 = 4_000_000_000;

/// An engine and what it took.
pub struct Line {
    pub engine: String,
    pub found: Measured,
    /// What its GPU can do at most.
    pub ceilings: Option<Ceilings>,
}

impl Line {
    fn gflop_per_s(&self, cost: &PlayCost) -> f64 {
        cost.total_flop() as f64 / 1e6 / self.found.total.median()
    }

    fn gb_per_s(&self) -> Option<f64> {
        Some(self.found.bytes? as f64 / 1e6 / self.found.total.median())
    }

    /// Shares of the GPU's ceilings, of the product and of the copy.
    fn shares(&self, cost: &PlayCost) -> [Option<f64>; 2] {
        let ceilings = self.ceilings;
        [
            ceilings.map(|most| self.gflop_per_s(cost) / most.product),
            ceilings.and_then(|most| Some(self.gb_per_s()? / most.copy)),
        ]
    }

    /// All figures as JSON.
    pub fn json(&self, cost: &PlayCost, frames: usize) -> Value {
        let found = &self.found;
        let [product, copy] = self.shares(cost);
        let [first, last] = found.ends();
        json!({
            "engine": self.engine,
            "frames": frames,
            "frame_median_ms": found.total.median(),
            "frame_p95_ms": found.total.p95(),
            "denoise_median_ms": found.denoise.median(),
            "decode_median_ms": found.decode.median(),
            "encode_median_ms": found.encode.median(),
            "passes": found.passes,
            "bytes": found.bytes,
            "gflop_per_frame": cost.total_flop() as f64 / 1e9,
            "gflop_per_s": self.gflop_per_s(cost),
            "share_of_product_ceiling": product,
            "share_of_copy_ceiling": copy,
            "load_s": found.load.as_secs_f64(),
            "peak_memory_bytes": found.peak,
            "below_4_gb_bytes": found.peak.map(below_bound),
            "pipelines": found.pipelines,
            "first_median_ms": first,
            "last_median_ms": last,
            "memory_bytes_first": found.memory[0].host,
            "memory_bytes_last": found.memory[1].host,
            "gpu_bytes_first": found.memory[0].gpu,
            "gpu_bytes_last": found.memory[1].gpu,
        })
    }
}

/// Engines side by side.
pub fn compared(lines: &[Line], cost: &PlayCost) -> Vec<Vec<String>> {
    let mut rows = vec![row([
        "engine",
        "median ms",
        "p95 ms",
        "denoise",
        "decode",
        "encode",
        "passes",
        "moved",
        "GFLOP/s",
        "of product",
        "of copy",
        "load s",
        "memory",
        "peak so far",
        "below 4 GB",
    ])];
    rows.extend(lines.iter().map(|line| {
        let found = &line.found;
        let [product, copy] = line.shares(cost);
        vec![
            line.engine.clone(),
            figure(found.total.median()),
            figure(found.total.p95()),
            stage(&found.denoise, &found.total),
            stage(&found.decode, &found.total),
            stage(&found.encode, &found.total),
            found.passes.map_or_else(open, |count| count.to_string()),
            found.bytes.map_or_else(open, megabytes),
            format!("{:.1}", line.gflop_per_s(cost)),
            product.map_or_else(open, percent),
            copy.map_or_else(open, percent),
            format!("{:.2}", found.load.as_secs_f64()),
            found.memory[1].host.map_or_else(open, megabytes),
            found.peak.map_or_else(open, megabytes),
            found.peak.map_or_else(open, |peak| {
                format!("{:.1} MB", below_bound(peak) as f64 / 1e6)
            }),
        ]
    }));
    rows
}

/// How far memory is below its bound; negative above it.
fn below_bound(bytes: u64) -> i64 {
    MEMORY_BOUND as i64 - i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// The first frames of each engine beside its last.
pub fn steady(lines: &[Line], frames: usize) -> Vec<Vec<String>> {
    let part = stretch(frames);
    let mut rows = vec![vec![
        "engine".to_owned(),
        format!("ms, first {part}"),
        format!("ms, last {part}"),
        "memory".to_owned(),
        "in the end".to_owned(),
        "on the GPU".to_owned(),
        "in the end".to_owned(),
    ]];
    rows.extend(lines.iter().map(|line| {
        let [first, last] = line.found.ends().map(figure);
        let [early, late] = line.found.memory;
        let host = |memory: Memory| memory.host.map_or_else(open, megabytes);
        let gpu = |memory: Memory| memory.gpu.map_or_else(open, megabytes);
        vec![
            line.engine.clone(),
            first,
            last,
            host(early),
            host(late),
            gpu(early),
            gpu(late),
        ]
    }));
    rows
}

/// What an engine cannot tell is left open.
fn open() -> String {
    "-".to_owned()
}

fn figure(value: f64) -> String {
    match value.is_nan() {
        true => open(),
        false => format!("{value:.2}"),
    }
}

/// A stage's median and its share of the whole frame's.
fn stage(times: &Times, total: &Times) -> String {
    let (part, whole) = (times.median(), total.median());
    match part.is_nan() {
        true => open(),
        false => format!("{part:.2} ({})", percent(part / whole)),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::measure::Took;
    use super::*;

    #[test]
    fn each_stage_has_its_share_of_the_frame() {
        let mut found = Measured::default();
        let took = Took {
            denoise: Duration::from_millis(9),
            decode: Duration::from_millis(3),
            encode: None,
        };
        found.play(4, || None, |_| Ok(took)).unwrap();
        let shown = |times| stage(times, &found.total);
        assert_eq!(shown(&found.denoise), "9.00 (75 %)");
        assert_eq!(shown(&found.decode), "3.00 (25 %)");
        assert_eq!(shown(&found.encode), "-");
    }

    #[test]
    fn peak_memory_and_how_far_it_is_below_4_gb_stand_in_table_and_json() {
        let config = bvgdm_core::preset("arena").unwrap();
        let cost = bvgdm_core::Cost::of(&config).play(&config, 1);
        let line = |peak| Line {
            engine: "cpu".to_owned(),
            found: Measured {
                peak,
                ..Measured::default()
            },
            ceilings: None,
        };
        let rows = compared(&[line(Some(500_000_000)), line(None)], &cost);
        let ends = |row: &[String]| row[row.len() - 2..].to_vec();
        assert_eq!(ends(&rows[0]), ["peak so far", "below 4 GB"]);
        assert_eq!(ends(&rows[1]), ["500.0 MB", "3500.0 MB"]);
        assert_eq!(ends(&rows[2]), ["-", "-"]);
        let json = line(Some(4_100_000_000)).json(&cost, 1);
        assert_eq!(json["peak_memory_bytes"], 4_100_000_000_u64);
        assert_eq!(json["below_4_gb_bytes"], -100_000_000);
    }
}

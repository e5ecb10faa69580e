//! Attention among the tokens of a frame, and among the frames at a place.

use super::CpuLowering;
use super::math::exponentials;
use super::product::{View, multiply};
use crate::pass::{SpatialAttention, TemporalAttention};
use crate::rollout::StepInput;

/// Numbers of a dot product that are summed side by side.
const LANES: usize = 4;

pub(super) fn spatial(cpu: &mut CpuLowering, pass: &SpatialAttention) {
    let (n, head) = (pass.tokens, pass.head_dim);
    let width = pass.heads * head;
    let mut output = cpu.take(pass.output);
    let mut scores = std::mem::take(&mut cpu.scratch);
    scores.resize((n * n).max(scores.len()), 0.0);
    let qkv = cpu.read(pass.qkv);
    let scale = 1.0 / (head as f32).sqrt();
    for frame in pass.rows.start / n..pass.rows.end / n {
        for i in 0..pass.heads {
            let part = |j: usize| View {
                values: &qkv[frame * n * 3 * width + j * width + i * head..],
                rows: n,
                columns: head,
                stride: 3 * width,
            };
            multiply(&mut scores, n, part(0), part(1), true, scale, 1);
            for row in scores.chunks_exact_mut(n).take(n) {
                let sum = exponentials(row);
                row.iter_mut().for_each(|score| *score /= sum);
            }
            let out = &mut output[frame * n * width + i * head..];
            let shares = View::dense(&scores, n, n);
            multiply(out, width, shares, part(2), false, 1.0, 1);
        }
    }
    cpu.give(pass.output, output);
    cpu.scratch = scores;
}

pub(super) fn temporal(cpu: &mut CpuLowering, pass: &TemporalAttention, input: &StepInput) {
    let head = pass.head_dim;
    let width = pass.heads * head;
    let scale = 1.0 / (head as f32).sqrt();
    let mut output = cpu.take(pass.output);
    let (queries, ring) = (cpu.read(pass.queries), cpu.read(pass.ring));
    let mut scores = Vec::with_capacity(pass.window);
    for row in pass.rows.clone() {
        let (frame, place) = (row / pass.tokens, row % pass.tokens);
        let slots: Vec<usize> = visible(pass, frame, input).collect();
        for i in 0..pass.heads {
            let query = &queries[row * width + i * head..][..head];
            let keys = |slot: usize| (slot * pass.tokens + place) * 2 * width + i * head;
            scores.clear();
            scores.extend(
                slots
                    .iter()
                    .map(|&s| scale * dot(query, &ring[keys(s)..][..head])),
            );
            let sum = exponentials(&mut scores);
            let out = &mut output[row * width + i * head..][..head];
            out.fill(0.0);
            for (&slot, score) in slots.iter().zip(&scores) {
                let values = &ring[keys(slot) + width..][..head];
                let share = score / sum;
                out.iter_mut()
                    .zip(values)
                    .for_each(|(o, v)| *o += share * v);
            }
        }
    }
    cpu.give(pass.output, output);
}

/// The slots that frame 0 (pending) or 1 (new) sees.
fn visible(
    pass: &TemporalAttention,
    frame: usize,
    input: &StepInput,
) -> impl Iterator<Item = usize> {
    // Ages count from the new frame, whose age is zero.
    let own = 1 - frame;
    let (slots, slot) = (pass.slots, input.slot);
    let oldest = (own + pass.window - 1).min(input.cached).min(slots - 1);
    (own..=oldest).map(move |age| (slot + slots - age) % slots)
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; LANES];
    let pairs = a.chunks_exact(LANES).zip(b.chunks_exact(LANES));
    for (a, b) in pairs {
        for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += a * b;
        }
    }
    lanes.iter().sum()
}

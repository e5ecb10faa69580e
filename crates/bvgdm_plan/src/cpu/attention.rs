//! Attention among the tokens of a frame, and among the frames at a place.

use bvgdm_kernels::math::exponentials;
use bvgdm_kernels::{Kernel, Panels, View, Work, side_by_side, with_vectors};

use super::CpuLowering;
use crate::pass::{SpatialAttention, TemporalAttention};
use crate::rollout::StepInput;

/// Rows of the output that one thread writes.
struct Part<'a> {
    first_row: usize,
    output: &'a mut [f32],
}

/// The rows from `first_row` on in `output`, in parts for at most `threads` threads, none of which goes
/// past the end of a frame.
fn parts(
    output: &mut [f32],
    first_row: usize,
    width: usize,
    tokens: usize,
    threads: usize,
) -> Vec<Part<'_>> {
    let frames = (output.len() / (width * tokens)).max(1);
    let each = tokens.div_ceil(threads.div_ceil(frames).max(1));
    let frames = output.chunks_mut(width * tokens).enumerate();
    let parts = frames.flat_map(|(frame, rows)| {
        let parts = rows.chunks_mut(each * width).enumerate();
        parts.map(move |(i, output)| Part {
            first_row: first_row + frame * tokens + i * each,
            output,
        })
    });
    parts.collect()
}

/// Does `task` for every part. Two frames are two parts for a single thread too.
fn on_threads<'a>(threads: usize, parts: &mut [Part<'a>], task: &(impl Fn(&mut Part<'a>) + Sync)) {
    match threads {
        1 => parts.iter_mut().for_each(task),
        _ => side_by_side(parts, task),
    }
}

pub(super) fn spatial(cpu: &mut CpuLowering, pass: &SpatialAttention) {
    let width = pass.heads * pass.head_dim;
    let mut output = cpu.take(pass.output);
    let rows = &mut output[pass.rows.start * width..pass.rows.end * width];
    let mut parts = parts(rows, pass.rows.start, width, pass.tokens, cpu.threads);
    let qkv = cpu.read(pass.qkv);
    on_threads(cpu.threads, &mut parts, &|part| {
        with_vectors(SpatialPart { qkv, pass, part });
    });
    cpu.give(pass.output, output);
}

struct SpatialPart<'a, 'b> {
    /// `[rows, 3 heads head_dim]`.
    qkv: &'a [f32],
    pass: &'a SpatialAttention,
    part: &'a mut Part<'b>,
}

impl Work for SpatialPart<'_, '_> {
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let (n, head) = (self.pass.tokens, self.pass.head_dim);
        let width = self.pass.heads * head;
        let Part { first_row, output } = self.part;
        let rows = output.len() / width;
        let scale = 1.0 / (head as f32).sqrt();
        let mut scores = vec![0.0; rows * n];
        let (mut keys, mut values) = (Panels::default(), Panels::default());
        for i in 0..self.pass.heads {
            let part = |j: usize, first: usize, rows: usize| View {
                values: &self.qkv[first * 3 * width + j * width + i * head..],
                rows,
                columns: head,
                stride: 3 * width,
            };
            let frame = *first_row / n * n;
            keys.fill_transposed(part(1, frame, n));
            keys.multiply(
                kernel,
                &mut scores,
                n,
                part(0, *first_row, rows),
                0..n,
                scale,
            );
            for row in scores.chunks_exact_mut(n) {
                let sum = exponentials(kernel, row);
                row.iter_mut().for_each(|score| *score /= sum);
            }
            values.fill(part(2, frame, n));
            let shares = View::dense(&scores, rows, n);
            values.multiply(kernel, &mut output[i * head..], width, shares, 0..head, 1.0);
        }
    }
}

pub(super) fn temporal(cpu: &mut CpuLowering, pass: &TemporalAttention, input: &StepInput) {
    let width = pass.heads * pass.head_dim;
    let mut output = cpu.take(pass.output);
    let rows = &mut output[pass.rows.start * width..pass.rows.end * width];
    let mut parts = parts(rows, pass.rows.start, width, pass.tokens, cpu.threads);
    let ring = cpu.read(pass.ring);
    on_threads(cpu.threads, &mut parts, &|part| {
        with_vectors(TemporalPart {
            ring,
            pass,
            input,
            part,
        });
    });
    cpu.give(pass.output, output);
}

struct TemporalPart<'a, 'b> {
    /// `[slots tokens, 3 heads head_dim]`.
    ring: &'a [f32],
    pass: &'a TemporalAttention,
    input: &'a StepInput,
    part: &'a mut Part<'b>,
}

impl Work for TemporalPart<'_, '_> {
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let (pass, head) = (self.pass, self.pass.head_dim);
        let width = pass.heads * head;
        let scale = 1.0 / (head as f32).sqrt();
        let Part { first_row, output } = self.part;
        let frame = *first_row / pass.tokens;
        let own = slot_of(pass, own_age(frame), self.input);
        let slots: Vec<usize> = visible(pass, frame, self.input).collect();
        let mut scores = vec![0.0; slots.len()];
        for (row, output) in (*first_row..).zip(output.chunks_exact_mut(width)) {
            let place = row % pass.tokens;
            for (i, out) in output.chunks_exact_mut(head).enumerate() {
                // Queries, keys and values of the head in a slot.
                let part = |j: usize, slot: usize| {
                    let row = (slot * pass.tokens + place) * 3 * width;
                    &self.ring[row + j * width + i * head..][..head]
                };
                let query = part(0, own);
                for (score, slot) in scores.iter_mut().zip(&slots) {
                    *score = scale * kernel.dot(query, part(1, *slot));
                }
                let sum = exponentials(kernel, &mut scores);
                out.fill(0.0);
                for (slot, score) in slots.iter().zip(&scores) {
                    let share = score / sum;
                    out.iter_mut()
                        .zip(part(2, *slot))
                        .for_each(|(o, v)| *o += share * v);
                }
            }
        }
    }
}

/// The slots that frame 0 (pending) or 1 (new) sees.
fn visible(
    pass: &TemporalAttention,
    frame: usize,
    input: &StepInput,
) -> impl Iterator<Item = usize> {
    let own = own_age(frame);
    let oldest = (own + pass.window - 1)
        .min(input.cached)
        .min(pass.slots - 1);
    (own..=oldest).map(move |age| slot_of(pass, age, input))
}

/// Ages count from the new frame, whose age is zero.
fn own_age(frame: usize) -> usize {
    1 - frame
}

/// Where the frame of an age is in the ring.
fn slot_of(pass: &TemporalAttention, age: usize, input: &StepInput) -> usize {
    (input.slot + pass.slots - age) % pass.slots
}

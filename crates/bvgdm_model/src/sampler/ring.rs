//! The cached keys and values of the last frames.

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

use crate::dit::FrameKv;

/// Keys and values of at most `slots` frames, one buffer for each block, written round and round.
#[derive(Debug, Clone)]
pub(super) struct Ring<B: Backend> {
    slots: usize,
    /// Positions in time of the frames in the slots, in the order of the slots.
    positions: Vec<u64>,
    blocks: Vec<FrameKv<B>>,
}

impl<B: Backend> Ring<B> {
    pub(super) fn new(slots: usize) -> Self {
        Self {
            slots,
            positions: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// Positions of the cached frames, slot by slot.
    pub(super) fn positions(&self) -> &[u64] {
        &self.positions
    }

    /// Keys and values of the cached frames for each block, if there are any.
    pub(super) fn past(&self) -> Option<Vec<FrameKv<B>>> {
        let filled = self.positions.len();
        (filled > 0).then(|| {
            self.blocks
                .iter()
                .map(|block| FrameKv {
                    k: block.k.clone().narrow(2, 0, filled),
                    v: block.v.clone().narrow(2, 0, filled),
                })
                .collect()
        })
    }

    /// Writes frame `index` of a pass's keys and values over the oldest slot.
    pub(super) fn write(&mut self, position: u64, pass: &[FrameKv<B>], index: usize) {
        if self.slots == 0 {
            return;
        }
        let slot = (position % self.slots as u64) as usize;
        if self.blocks.is_empty() {
            self.blocks = pass.iter().map(|kv| empty(kv, self.slots)).collect();
        }
        for (block, kv) in self.blocks.iter_mut().zip(pass) {
            *block = FrameKv {
                k: put(&block.k, &kv.k, slot, index),
                v: put(&block.v, &kv.v, slot, index),
            };
        }
        match self.positions.get_mut(slot) {
            Some(old) => *old = position,
            None => self.positions.push(position),
        }
    }
}

fn empty<B: Backend>(kv: &FrameKv<B>, slots: usize) -> FrameKv<B> {
    let [sequences, heads, _, head] = kv.k.dims();
    let shape = [sequences, heads, slots, head];
    let buffer = || Tensor::<B, 4>::zeros(shape, &kv.k.device()).cast(kv.k.dtype());
    FrameKv {
        k: buffer(),
        v: buffer(),
    }
}

fn put<B: Backend>(
    buffer: &Tensor<B, 4>,
    pass: &Tensor<B, 4>,
    slot: usize,
    index: usize,
) -> Tensor<B, 4> {
    let [sequences, heads, _, head] = pass.dims();
    let frame = pass.clone().narrow(2, index, 1);
    buffer
        .clone()
        .slice_assign([0..sequences, 0..heads, slot..slot + 1, 0..head], frame)
}

//! Self attention from the projections on.

use burn_tch::TchTensor;
use tch::{Kind, Tensor};

use super::Torch;
use super::scores::Scores;
use crate::layers::fused::Along;
use crate::layers::fused::operation::Operation;

/// Of `qkv: [batch, F, N, 3 D]`: rotary positions, softmax attention along one axis, the heads side
/// by side `[batch, F, N, D]`.
#[derive(Debug)]
pub struct Attend {
    /// `cos` and `sin` of every channel pair, `[batch, F, N, heads, head_dim / 2]` or with ones.
    cos: TchTensor,
    sin: TchTensor,
    bias: Option<TchTensor>,
    heads: i64,
    along: Along,
    scores: Scores,
}

impl Attend {
    /// `cos` and `sin`: `[sequence, head_dim / 2]`; `bias: [1, 1, sequence, sequence]`.
    pub fn new(
        cos: &TchTensor,
        sin: &TchTensor,
        bias: Option<TchTensor>,
        heads: usize,
        along: Along,
    ) -> Self {
        let table = |x: &TchTensor| {
            let size = x.tensor.size();
            let [sequence, half] = [size[0], size[1]];
            let shape = match along {
                Along::Places => [1, 1, sequence, 1, half],
                Along::Frames => [1, sequence, 1, 1, half],
            };
            TchTensor::new(x.tensor.reshape(shape).contiguous())
        };
        Self {
            cos: table(cos),
            sin: table(sin),
            bias,
            heads: heads as i64,
            along,
            scores: Scores::of(&cos.tensor),
        }
    }

    /// Writes `x: [batch, F, N, heads, head_dim]`, turned by its positions or back, into `to`.
    fn turn(&self, x: &Tensor, to: &Tensor, back: bool) {
        let half = x.size()[4] / 2;
        let halves = |x: &Tensor| [x.narrow(4, 0, half), x.narrow(4, half, half)];
        let ([a, b], [to_a, to_b]) = (halves(x), halves(to));
        let (cos, sin) = (&self.cos.tensor, &self.sin.tensor);
        let minus = sin.neg();
        let (on_a, on_b) = if back { (sin, &minus) } else { (&minus, sin) };
        let _ = a.mul_out(&to_a, cos).addcmul_(&b, on_a);
        let _ = b.mul_out(&to_b, cos).addcmul_(&a, on_b);
    }

    /// `x: [batch, F, N, ...]` in as few pieces as [`sequences`](Self::sequences) needs no copy of,
    /// where memory is what is short.
    fn pieces(&self, x: &Tensor) -> Vec<Tensor> {
        match (self.along, self.scores) {
            (Along::Frames, Scores::Never) => x.split(1, 0),
            _ => vec![x.shallow_clone()],
        }
    }

    /// `[batch, F, N, heads, head_dim]` as `[sequences, heads, length, head_dim]`.
    fn sequences(&self, x: &Tensor) -> Tensor {
        match self.along {
            Along::Places => x.flatten(0, 1).transpose(1, 2),
            Along::Frames => x.permute([0, 2, 3, 1, 4]).flatten(0, 1),
        }
    }

    /// [`sequences`](Self::sequences) backwards, into `to`.
    fn put(&self, sequences: &Tensor, mut to: Tensor) {
        let size = to.size();
        let [batch, frames, places, heads, head] = [size[0], size[1], size[2], size[3], size[4]];
        let sequences = match self.along {
            Along::Places => sequences
                .transpose(1, 2)
                .reshape([batch, frames, places, heads, head]),
            Along::Frames => sequences
                .reshape([batch, places, heads, frames, head])
                .permute([0, 3, 1, 2, 4]),
        };
        to.copy_(&sequences);
    }

    fn scale(head: i64) -> f64 {
        1.0 / (head as f64).sqrt()
    }

    /// At the precision of the scores.
    fn bias(&self, kind: Kind) -> Option<Tensor> {
        self.bias.as_ref().map(|bias| bias.tensor.to_kind(kind))
    }

    /// `[batch, F, N, parts, heads, head_dim]`.
    fn parts(&self, x: &Tensor, parts: i64) -> Tensor {
        let size = x.size();
        let head = size[3] / parts / self.heads;
        x.contiguous()
            .view([size[0], size[1], size[2], parts, self.heads, head])
    }
}

impl Operation<Torch, 1> for Attend {
    fn forward(&self, [qkv]: [TchTensor; 1]) -> (TchTensor, Vec<TchTensor>) {
        let parts = self.parts(&qkv.tensor, 3);
        let size = parts.size();
        let (kind, scale) = ((parts.kind(), parts.device()), Self::scale(size[5]));
        let turned = Tensor::empty([2, size[0], size[1], size[2], size[4], size[5]], kind);
        for part in 0..2 {
            self.turn(&parts.select(3, part), &turned.select(0, part), false);
        }
        let mixed = Tensor::empty([size[0], size[1], size[2], size[4], size[5]], kind);
        let inputs = [turned.select(0, 0), turned.select(0, 1), parts.select(3, 2)];
        let [q, k, v] = inputs.map(|x| self.pieces(&x));
        let bias = self.bias(parts.kind());
        let mut sums = Vec::with_capacity(q.len());
        for (i, to) in self.pieces(&mixed).into_iter().enumerate() {
            let [q, k, v] = [&q, &k, &v].map(|x| self.sequences(&x[i]));
            let (out, sum) = self.scores.mix(&q, &k, &v, bias.as_ref(), scale);
            self.put(&out, to);
            sums.push(TchTensor::new(sum));
        }
        let mixed = TchTensor::new(mixed.view([size[0], size[1], size[2], size[4] * size[5]]));
        let mut kept = vec![qkv, TchTensor::new(turned), mixed.clone()];
        kept.extend(sums);
        (mixed, kept)
    }

    fn backward(&self, kept: &[TchTensor], grad: TchTensor) -> [TchTensor; 1] {
        let [qkv, turned, mixed] = [0, 1, 2].map(|i| &kept[i].tensor);
        let sums = &kept[3..];
        let parts = self.parts(qkv, 3);
        let scale = Self::scale(parts.size()[5]);
        let one = |x: &Tensor| self.pieces(&self.parts(x, 1).select(3, 0));
        let (grad, mixed) = (one(&grad.tensor), one(mixed));
        let inputs = [turned.select(0, 0), turned.select(0, 1), parts.select(3, 2)];
        let [q, k, v] = inputs.map(|x| self.pieces(&x));
        let all = parts.empty_like();
        let of_turned = turned.empty_like();
        let [to_q, to_k, to_v] = [
            of_turned.select(0, 0),
            of_turned.select(0, 1),
            all.select(3, 2),
        ]
        .map(|x| self.pieces(&x));
        let bias = self.bias(parts.kind());
        for (i, sum) in sums.iter().enumerate() {
            let [grad, mixed] = [&grad, &mixed].map(|x| self.sequences(&x[i]));
            let inputs = [&q, &k, &v].map(|x| self.sequences(&x[i]));
            let kept = (&mixed, &sum.tensor);
            let bias = bias.as_ref();
            let [of_q, of_k, of_v] = self.scores.unmix(&grad, inputs, kept, bias, scale);
            self.put(&of_q, to_q[i].shallow_clone());
            self.put(&of_k, to_k[i].shallow_clone());
            self.put(&of_v, to_v[i].shallow_clone());
        }
        for part in 0..2 {
            self.turn(&of_turned.select(0, part), &all.select(3, part), true);
        }
        [TchTensor::new(all.view_as(qkv))]
    }
}

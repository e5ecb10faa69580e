//! Softmax attention between queries and keys, `[sequences, heads, length, head_dim]` each.

use tch::{Device, Tensor};

/// Whether the scores of a sequence are ever in memory as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scores {
    /// The processor's kernel: they stay in its caches.
    Never,
    /// Plain products: sequences of a few dozen have fewer scores than channels, and a graphics card
    /// has the memory.
    Kept,
}

impl Scores {
    /// What suits the device of `x`.
    pub fn of(x: &Tensor) -> Self {
        match x.device() {
            Device::Cpu => Self::Never,
            _ => Self::Kept,
        }
    }

    /// The mixed values, and what [`unmix`](Self::unmix) needs besides them.
    pub fn mix(
        self,
        q: &Tensor,
        k: &Tensor,
        v: &Tensor,
        bias: Option<&Tensor>,
        scale: f64,
    ) -> (Tensor, Tensor) {
        match self {
            Self::Never => Tensor::internal_scaled_dot_product_flash_attention_for_cpu(
                q, k, v, 0.0, false, bias, scale,
            ),
            Self::Kept => {
                let scores = q.matmul(&k.transpose(2, 3)) * scale;
                let scores = match bias {
                    Some(bias) => scores + bias,
                    None => scores,
                };
                let shares = scores.softmax(3, scores.kind());
                (shares.matmul(v), shares)
            }
        }
    }

    /// The gradients of queries, keys and values from that of the mixed values.
    pub fn unmix(
        self,
        grad: &Tensor,
        [q, k, v]: [Tensor; 3],
        (mixed, sum): (&Tensor, &Tensor),
        bias: Option<&Tensor>,
        scale: f64,
    ) -> [Tensor; 3] {
        match self {
            Self::Never => Tensor::internal_scaled_dot_product_flash_attention_for_cpu_backward(
                grad, &q, &k, &v, mixed, sum, 0.0, false, bias, scale,
            )
            .into(),
            Self::Kept => {
                let of_v = sum.transpose(2, 3).matmul(grad);
                let of_shares = grad.matmul(&v.transpose(2, 3));
                let of_scores =
                    Tensor::internal_softmax_backward_data(&of_shares, sum, 3, q.kind()) * scale;
                let of_q = of_scores.matmul(&k);
                [of_q, of_scores.transpose(2, 3).matmul(&q), of_v]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::*;

    #[test]
    fn plain_products_give_what_the_processors_kernel_gives() {
        tch::manual_seed(1);
        let some = |head| Tensor::randn([6, 4, 9, head], (Kind::Float, Device::Cpu));
        let bias = Tensor::randn([1, 1, 9, 9], (Kind::Float, Device::Cpu));
        for bias in [None, Some(&bias)] {
            let (grad, inputs) = (some(12), [some(12), some(12), some(12)]);
            let both = [Scores::Never, Scores::Kept].map(|scores| {
                let [q, k, v] = &inputs;
                let (mixed, sum) = scores.mix(q, k, v, bias, 0.3);
                let inputs = inputs.each_ref().map(Tensor::shallow_clone);
                let grads = scores.unmix(&grad, inputs, (&mixed, &sum), bias, 0.3);
                std::iter::once(mixed).chain(grads).collect::<Vec<_>>()
            });
            let [never, kept] = both;
            for (i, (never, kept)) in never.iter().zip(&kept).enumerate() {
                let off = f64::try_from((never - kept).abs().max()).unwrap();
                assert!(off < 1e-5, "tensor {i}: {off}");
            }
        }
    }
}

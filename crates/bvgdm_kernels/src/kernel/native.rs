//! Vectors as wide as those of the processor that it runs on, and rayon's threads.

use std::sync::atomic::{AtomicBool, Ordering};

use pulp::{Arch, Simd, WithSimd};
use rayon::Yield;

use super::{Kernel, Output, Work};
use crate::view::View;

#[cfg(not(target_arch = "x86_64"))]
#[path = "prefetch_other.rs"]
mod prefetch;
#[cfg(target_arch = "x86_64")]
#[path = "prefetch_x86.rs"]
mod prefetch;

pub use prefetch::prefetch;

/// Vectors of a tile's row.
pub const VECTORS: usize = 2;

/// Does `work` with the widest vectors there are.
pub fn with_vectors(work: impl Work) {
    Arch::new().dispatch(OnVectors(work));
}

struct OnVectors<T>(T);

impl<T: Work> WithSimd for OnVectors<T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.0.run(Vectors(simd));
    }
}

/// Columns of a panel.
pub fn panel_width() -> usize {
    struct Width;

    impl WithSimd for Width {
        type Output = usize;

        fn with_simd<S: Simd>(self, _simd: S) -> usize {
            VECTORS * S::F32_LANES
        }
    }

    Arch::new().dispatch(Width)
}

/// How many parts of a piece of work are worth making.
pub fn threads() -> usize {
    rayon::current_num_threads()
}

/// Does `task` for every part, on as many threads as there are parts.
pub fn side_by_side<T: Send>(parts: &mut [T], task: &(impl Fn(&mut T) + Sync)) {
    match parts {
        [] => {}
        [part] => task(part),
        parts => {
            let (left, right) = parts.split_at_mut(parts.len() / 2);
            rayon::join(|| side_by_side(left, task), || side_by_side(right, task));
        }
    }
}

/// Does `work` on one of the threads for [`side_by_side`]: a part that it hands over wakes one other thread.
/// From outside, they would do all of its parts, and it would sleep meanwhile.
pub fn among_threads<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    rayon::scope(|_| work())
}

/// Does `work` beside what the threads for [`side_by_side`] do, and without them: as long as one is busy, it
/// takes nothing that comes from outside, and there may be only one.
pub fn apart<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    match rayon::ThreadPoolBuilder::new().num_threads(1).build() {
        Ok(own) => own.install(work),
        // The system gives no more threads: whenever one of the others is free, then.
        Err(_) => work(),
    }
}

/// Does `work` with the threads for [`side_by_side`] awake: woken for each pass, two threads were hardly
/// faster than one.
pub fn awake<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    if threads < 2 {
        return work();
    }
    let done = &AtomicBool::new(false);
    rayon::scope(|scope| {
        let here = rayon::current_thread_index();
        for _ in 1..threads {
            scope.spawn(move |_| {
                // Not by the thread that `work` runs on, while it waits for another.
                while rayon::current_thread_index() != here && !done.load(Ordering::Acquire) {
                    if rayon::yield_now() != Some(Yield::Executed) {
                        std::thread::yield_now();
                    }
                }
            });
        }
        let _done = Done(done);
        work()
    })
}

/// Lets the others sleep, whether the work ends or panics.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[derive(Clone, Copy)]
struct Vectors<S>(S);

impl<S: Simd> Kernel for Vectors<S> {
    // As many sums as leave registers for a row of the panel and what it is multiplied by.
    const ROWS: usize = if S::REGISTER_COUNT >= 32 { 14 } else { 6 };

    #[inline(always)]
    fn tile<const R: usize>(self, panel: &[f32], a: View<'_>, output: Output<'_>) {
        self.sums::<R, false>(panel, a, output);
    }

    #[inline(always)]
    fn turned_tile<const R: usize>(self, panel: &[f32], a: View<'_>, output: Output<'_>) {
        self.sums::<R, true>(panel, a, output);
    }

    #[inline(always)]
    fn sum(self, row: &[f32]) -> f32 {
        let Self(simd) = self;
        let (vectors, rest) = S::as_simd_f32s(row);
        let rest = simd.partial_load_f32s(rest);
        let add = |sum, vector: &S::f32s| simd.add_f32s(sum, *vector);
        simd.reduce_sum_f32s(vectors.iter().fold(rest, add))
    }

    #[inline(always)]
    fn dot(self, a: &[f32], b: &[f32]) -> f32 {
        let Self(simd) = self;
        let ((a, rest), (b, rest_b)) = (S::as_simd_f32s(a), S::as_simd_f32s(b));
        let rest = simd.mul_f32s(simd.partial_load_f32s(rest), simd.partial_load_f32s(rest_b));
        // Two sums, since a vector is added to one only when the last one was.
        let mut sums = [rest, simd.splat_f32s(0.0)];
        let ((a, last_a), (b, last_b)) = (a.as_chunks::<2>(), b.as_chunks::<2>());
        for (a, b) in a.iter().zip(b) {
            sums[0] = simd.mul_add_e_f32s(a[0], b[0], sums[0]);
            sums[1] = simd.mul_add_e_f32s(a[1], b[1], sums[1]);
        }
        for (a, b) in last_a.iter().zip(last_b) {
            sums[0] = simd.mul_add_e_f32s(*a, *b, sums[0]);
        }
        simd.reduce_sum_f32s(simd.add_f32s(sums[0], sums[1]))
    }

    #[inline(always)]
    fn largest(self, row: &[f32]) -> f32 {
        let Self(simd) = self;
        let (vectors, rest) = S::as_simd_f32s(row);
        let rest = rest.iter().fold(f32::NEG_INFINITY, |a, b| a.max(*b));
        let max = |largest, vector: &S::f32s| simd.max_f32s(largest, *vector);
        simd.reduce_max_f32s(vectors.iter().fold(simd.splat_f32s(rest), max))
    }
}

impl<S: Simd> Vectors<S> {
    #[inline(always)]
    fn sums<const R: usize, const TURNED: bool>(
        self,
        panel: &[f32],
        a: View<'_>,
        output: Output<'_>,
    ) {
        let Self(simd) = self;
        let (panel, _) = S::as_simd_f32s(panel);
        let (panel, _) = panel.as_chunks::<VECTORS>();
        let mut rows: [&[f32]; R] = [&[]; R];
        if !TURNED {
            for (i, row) in rows.iter_mut().enumerate() {
                *row = &a.values[i * a.stride..][..panel.len()];
            }
        }
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; R];
        for (i, row @ &[left, right]) in panel.iter().enumerate() {
            prefetch(row, panel.len());
            let column = if TURNED {
                &a.values[i * a.stride..][..R]
            } else {
                &[]
            };
            for (r, sums) in sums.iter_mut().enumerate() {
                let factor = if TURNED { column[r] } else { rows[r][i] };
                let factor = simd.splat_f32s(factor);
                sums[0] = simd.mul_add_e_f32s(left, factor, sums[0]);
                sums[1] = simd.mul_add_e_f32s(right, factor, sums[1]);
            }
        }
        let scale = simd.splat_f32s(output.scale);
        for (i, sums) in sums.into_iter().enumerate() {
            let out = &mut output.values[i * output.stride..][..output.columns];
            for (out, sum) in out.chunks_mut(S::F32_LANES).zip(sums) {
                simd.partial_store_f32s(out, simd.mul_f32s(sum, scale));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::tests::check_rows;
    use crate::product::tests::check;

    #[test]
    fn the_kernel_of_this_processor_multiplies() {
        check(panel_width(), |product| with_vectors(product));
    }

    #[test]
    fn rows_are_added_up_on_this_processor_and_without_vectors() {
        struct Check;

        impl Work for Check {
            fn run<K: Kernel>(self, kernel: K) {
                check_rows(kernel);
            }
        }

        with_vectors(Check);
        check_rows(Vectors(pulp::Scalar::new()));
    }

    #[test]
    fn a_kernel_without_vectors_multiplies() {
        check(VECTORS, |product| product.run(Vectors(pulp::Scalar::new())));
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn the_kernel_for_avx2_multiplies() {
        if let Some(simd) = pulp::x86::V3::try_new() {
            let width = VECTORS * pulp::x86::V3::F32_LANES;
            check(width, |product| Simd::vectorize(simd, OnVectors(product)));
        }
    }

    #[test]
    fn every_part_is_done_once() {
        for count in [0, 1, 2, 3, 8] {
            let mut parts = vec![0; count];
            side_by_side(&mut parts, &|part| *part += 1);
            assert_eq!(parts, vec![1; count]);
        }
    }

    #[test]
    fn threads_that_are_kept_awake_for_several_at_once_let_all_of_them_end() {
        let play = || {
            for _ in 0..50 {
                let mut parts = [0; 3];
                awake(3, || {
                    for _ in 0..20 {
                        side_by_side(&mut parts, &|part| *part += 1);
                    }
                });
                assert_eq!(parts, [20; 3]);
            }
        };
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(play);
            }
        });
    }
}

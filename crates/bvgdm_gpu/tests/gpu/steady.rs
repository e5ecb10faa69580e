//! A long roll-out, which neither grows nor slows down.

use std::time::{Duration, Instant};

use bvgdm_gpu::{GpuWorld, LoweringKind, Precision};
use bvgdm_model::WeightsDtype;
use bvgdm_plan::{Lowering as _, Rollout, Stage, StepInput};

use crate::device::open;
use crate::world::{odd, plan, random_world};

const FRAMES: u32 = 10_000;
/// Frames that are compared, the first of them and the last.
const SHARE: u32 = 1000;

#[test]
#[ignore = "takes a minute: cargo test --release --workspace --test gpu -- --ignored --nocapture"]
fn ten_thousand_frames_take_no_more_memory_than_a_thousand() {
    let Some((device, queue)) = open("steady") else {
        return;
    };
    let world = random_world(odd);
    let sampler = world.config.sampler;
    let plan = plan(&world, WeightsDtype::F16);
    for kind in [LoweringKind::Compute, LoweringKind::Fragment] {
        let compiled = GpuWorld::new(kind, plan.clone(), &device, &queue, Precision::Half).unwrap();
        let mut lowering = compiled.lowering();
        let mut rollout = Rollout::new(plan.clone());
        rollout.begin(&mut lowering, 1, &sampler);
        let still = vec![0.0; world.config.dit.actions];
        let (mut first, mut last) = (Duration::ZERO, Duration::ZERO);
        let mut early = None;
        for frame in 0..FRAMES {
            let begun = Instant::now();
            rollout.step(&mut lowering, &still, &sampler);
            lowering.run(Stage::Decode, &StepInput::default());
            lowering.submit();
            device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
            let took = begun.elapsed();
            if frame < SHARE {
                first += took;
            }
            if frame == SHARE {
                early = resident_kb();
            }
            if frame >= FRAMES - SHARE {
                last += took;
            }
        }
        let (Some(early), Some(late)) = (early, resident_kb()) else {
            panic!("nothing is known of memory here: it is read from /proc/self/status");
        };
        println!(
            "{}: first {SHARE} of {FRAMES} frames {:.2} ms each, last {:.2} ms; {early} kB, then {late} kB",
            kind.name(),
            first.as_secs_f64() * 1e3 / f64::from(SHARE),
            last.as_secs_f64() * 1e3 / f64::from(SHARE),
        );
        // Another program may have a core for a while.
        assert!(
            last < first.mul_f64(1.5),
            "{first:?} for the first {SHARE} frames, {last:?} for the last"
        );
        assert!(
            late < early + early / 50 + 2048,
            "{early} kB, then {late} kB"
        );
    }
}

/// Resident memory, where the system says it; a software GPU's is in it.
fn resident_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

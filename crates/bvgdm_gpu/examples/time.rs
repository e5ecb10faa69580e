#[path = "../tests/gpu/device.rs"] mod device;
use std::{collections::BTreeMap, sync::Arc, time::Instant};
use bvgdm_core::WorldManifest;
use bvgdm_gpu::*;
use bvgdm_plan::*;
fn main() {
    let (device, queue) = device::open("time").unwrap();
    let path = std::path::Path::new("assets/worlds/arena.world.ron");
    let m = WorldManifest::load(path).unwrap();
    let bytes = std::fs::read(path.with_file_name(&m.weights.file)).unwrap();
    let plan = Arc::new(Plan::new(&m, &bvgdm_plan::WeightsFile::parse(&m, &bytes).unwrap()).unwrap());
    let frames: usize = std::env::args().nth(1).map_or(10, |s| s.parse().unwrap());
    macro_rules! go { ($name:literal, $world:ident, $low:ident) => {
        let t = Instant::now();
        let world = $world::new(plan.clone(), &device, &queue, Precision::Half).unwrap();
        println!("{} made in {:?}, {} pipelines", $name, t.elapsed(), world.pipeline_count());
        let mut l = $low::new(Arc::new(world));
        let mut r = Rollout::new(plan.clone());
        let s = m.config.sampler;
        r.begin(&mut l, 1, &s);
        let wait = || { device.poll(wgpu::PollType::wait_indefinitely()).unwrap(); };
        let mut times = vec![];
        for _ in 0..frames {
            let t = Instant::now();
            r.step(&mut l, &[0.0; 9], &s);
            l.run(Stage::Decode, &StepInput::default());
            l.submit(); let enc = t.elapsed(); wait();
            times.push((t.elapsed().as_secs_f64() * 1e3, enc.as_secs_f64() * 1e3));
        }
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        println!("{}: frame {:.2} ms, encode {:.2}", $name, times[frames / 2].0, times[frames/2].1);
        for stage in [Stage::Commit, Stage::Decode] {
            let mut sums: BTreeMap<String, f64> = BTreeMap::new();
            let input = StepInput { cached: 9, slot: 3, ..Default::default() };
            for _ in 0..3 {
                l.run(stage, &input);
                for p in plan.passes(stage) {
                    let t = Instant::now();
                    let mut e = device.create_command_encoder(&Default::default());
                    l.encode(&mut e, 1); queue.submit([e.finish()]); wait();
                    let words: Vec<_> = p.label.split(' ').filter(|w| w.parse::<u32>().is_err()).collect();
                    *sums.entry(words.join(" ")).or_default() += t.elapsed().as_secs_f64() * 1e3 / 3.0;
                }
            }
            println!("{stage:?} {sums:.2?}");
        }
    } }
    go!("compute", ComputeWorld, ComputeLowering);
    go!("fragment", FragmentWorld, FragmentLowering);
}

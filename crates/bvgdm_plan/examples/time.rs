use std::{collections::BTreeMap, sync::Arc, time::Instant};
use bvgdm_core::WorldManifest;
use bvgdm_plan::{cpu::CpuLowering, *};
fn main() {
    let path = std::path::Path::new("assets/worlds/arena.world.ron");
    let m = WorldManifest::load(path).unwrap();
    let bytes = std::fs::read(path.with_file_name(&m.weights.file)).unwrap();
    let t = Instant::now();
    let plan = Arc::new(Plan::new(&m, &bvgdm_plan::WeightsFile::parse(&m, &bytes).unwrap()).unwrap());
    println!("plan {:?}", t.elapsed());
    if std::env::args().nth(1).as_deref() == Some("plan") { println!("{plan}"); return; }
    for threads in [1, 2] {
        let mut cpu = CpuLowering::new(plan.clone(), threads);
        let mut r = Rollout::new(plan.clone());
        let s = m.config.sampler;
        r.begin(&mut cpu, 1, &s);
        let mut times = [vec![], vec![]];
        for _ in 0..150 {
            let t = Instant::now();
            r.step(&mut cpu, &[0.0; 9], &s);
            times[0].push(t.elapsed().as_secs_f64() * 1e3);
            let t = Instant::now();
            cpu.run(Stage::Decode, &StepInput::default());
            times[1].push(t.elapsed().as_secs_f64() * 1e3);
        }
        for t in &mut times { t.sort_by(f64::total_cmp); }
        println!("{threads} threads: denoise {:.2} decode {:.2}", times[0][75], times[1][75]);
        for stage in [Stage::Commit, Stage::Decode] {
            let mut sums: BTreeMap<String, f64> = BTreeMap::new();
            for _ in 0..30 {
                let mut t = Instant::now();
                let input = StepInput { cached: 9, slot: 3, ..Default::default() };
                cpu.run_each(stage, &input, |_, i| {
                    let label = &plan.passes(stage)[i].label;
                    let words: Vec<_> = label.split(' ').filter(|w| w.parse::<u32>().is_err()).collect();
                    *sums.entry(words.join(" ")).or_default() += t.elapsed().as_secs_f64() * 1e3 / 30.0;
                    t = Instant::now();
                });
            }
            println!("{stage:?} {sums:.2?}");
        }
    }
}

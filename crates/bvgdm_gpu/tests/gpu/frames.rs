//! Whole frames: the same pictures as burn-flex from the same noise, in both lowerings.

use std::sync::Arc;

use burn::tensor::{Tensor, TensorData};
use burn_flex::{Flex, FlexDevice};
use bvgdm_core::{WorldConfig, standard_normal};
use bvgdm_gpu::{GpuLowering, GpuWorld, LoweringKind, Precision, Presenter, Threads, Tuning};
use bvgdm_model::{PlaySettings, Rollout as BurnRollout, WeightsDtype, World};
use bvgdm_plan::{Lowering as _, Plan, Rollout, Stage, StepInput};

use crate::device::{open, read_texture};
use crate::world::{odd, plan, random_world};

/// Each frame follows from the one before, so that what is wrong adds up.
const FRAMES: usize = 32;

const PRECISIONS: [(Precision, WeightsDtype); 2] = [
    (Precision::Single, WeightsDtype::F32),
    (Precision::Half, WeightsDtype::F16),
];

/// A lowering and what shows its pictures.
struct Screen<'a> {
    lowering: GpuLowering,
    presenter: Presenter,
    texture: wgpu::Texture,
    device: &'a wgpu::Device,
    queue: &'a wgpu::Queue,
}

impl<'a> Screen<'a> {
    fn new(
        (device, queue): (&'a wgpu::Device, &'a wgpu::Queue),
        plan: &Plan,
        lowering: GpuLowering,
    ) -> Self {
        let format = wgpu::TextureFormat::Rgba8UnormSrgb;
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("screen"),
            size: wgpu::Extent3d {
                width: plan.image.width as u32,
                height: plan.image.height as u32,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        Self {
            presenter: lowering.presenter(),
            lowering,
            texture,
            device,
            queue,
        }
    }

    /// The bytes of a decoded and presented frame, RGBA.
    fn picture(&mut self) -> Vec<u8> {
        self.lowering.run(Stage::Decode, &StepInput::default());
        self.lowering.submit();
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let view = self.texture.create_view(&Default::default());
        self.presenter.encode(&mut encoder, &view);
        self.queue.submit([encoder.finish()]);
        read_texture(self.device, self.queue, &self.texture)
    }
}

/// Largest and mean difference of 8-bit pixels over `frames` frames.
fn differences(
    world: &World<Flex>,
    plan: &Arc<Plan>,
    screen: &mut Screen<'_>,
    frames: usize,
) -> (u8, f64) {
    let sampler = world.config.sampler;
    let mut rollout = Rollout::new(plan.clone());
    rollout.begin(&mut screen.lowering, 4, &sampler);
    let start = world.starts.clone().narrow(0, 4 % 3, 1).unsqueeze_dim(0);
    let actions = world.config.dit.actions;
    let still = Tensor::zeros([1, 1, actions], &FlexDevice);
    let settings = PlaySettings { sampler, seed: 4 };
    let mut expected = BurnRollout::new(world, settings, start, still);
    let (mut largest, mut sum, mut count) = (0, 0.0, 0);
    for frame in 0..frames {
        let action = standard_normal(1, frame as u64, actions, 2.0);
        rollout.step(&mut screen.lowering, &action, &sampler);
        let data = TensorData::new(action, [1, 1, actions]);
        let latent = expected.step(world, Tensor::from_data(data, &FlexDevice));
        let expected = world.decode(latent.squeeze_dim(1)).pop().unwrap().to_rgba();
        let found = screen.picture();
        assert_eq!(found.len(), expected.len());
        for (a, b) in found.iter().zip(&expected) {
            largest = largest.max(a.abs_diff(*b));
            sum += f64::from(a.abs_diff(*b));
            count += 1;
        }
    }
    (largest, sum / f64::from(count))
}

fn agrees(test: &str, change: impl Fn(&mut WorldConfig)) {
    let Some((device, queue)) = open(test) else {
        return;
    };
    let gpu = (&device, &queue);
    for (precision, dtype) in PRECISIONS {
        let world = random_world(&change);
        let plan = plan(&world, dtype);
        for kind in [LoweringKind::Compute, LoweringKind::Fragment] {
            let compiled = GpuWorld::new(kind, plan.clone(), &device, &queue, precision).unwrap();
            let mut screen = Screen::new(gpu, &plan, compiled.lowering());
            let found = differences(&world, &plan, &mut screen, FRAMES);
            check(&format!("{test}, {}", kind.name()), precision, found);
        }
    }
}

/// Where only 16 bits a number can be drawn into, pictures differ more; this says how much.
#[test]
fn arena_is_drawn_in_half_precision_where_there_is_no_other() {
    let Some((device, queue)) = open("halves") else {
        return;
    };
    let world = random_world(|_| {});
    let plan = plan(&world, WeightsDtype::F16);
    let tuning = Tuning {
        textures: Precision::Half,
        ..Precision::Half.into()
    };
    let kind = LoweringKind::Fragment;
    let compiled = GpuWorld::new(kind, plan.clone(), &device, &queue, tuning).unwrap();
    let mut screen = Screen::new((&device, &queue), &plan, compiled.lowering());
    let (largest, mean) = differences(&world, &plan, &mut screen, 8);
    println!("halves: largest {largest}, mean {mean:.4} of 255");
    assert!(mean <= 4.0, "mean {mean}");
}

/// What graphics cards run; a processor takes seconds for a frame of arena.
fn sharing(test: &str, change: impl Fn(&mut WorldConfig), frames: usize) {
    let Some((device, queue)) = open(test) else {
        return;
    };
    let world = random_world(change);
    for (precision, dtype) in PRECISIONS {
        let plan = plan(&world, dtype);
        let tuning = Tuning {
            threads: Threads::Sharing,
            ..precision.into()
        };
        let kind = LoweringKind::Compute;
        let compiled = GpuWorld::new(kind, plan.clone(), &device, &queue, tuning).unwrap();
        let mut screen = Screen::new((&device, &queue), &plan, compiled.lowering());
        let found = differences(&world, &plan, &mut screen, frames);
        check(test, precision, found);
    }
}

#[test]
fn threads_that_share_draw_what_burn_draws() {
    sharing("arena, sharing", |_| {}, 2);
}

#[test]
fn threads_that_share_draw_another_shape_as_burn_draws_it() {
    sharing("odd, sharing", odd, FRAMES);
}

fn check(test: &str, precision: Precision, (largest, mean): (u8, f64)) {
    println!("{test} {precision:?}: largest {largest}, mean {mean:.4} of 255");
    match precision {
        Precision::Single => assert!(largest <= 2, "{test}: largest {largest}"),
        Precision::Half => assert!(mean <= 1.0, "{test}: mean {mean}"),
    }
}

/// In several passes a frame, with more noise left between them than their levels say.
#[test]
fn arena_is_drawn_as_burn_draws_it() {
    agrees("arena", |config| {
        (config.sampler.steps, config.sampler.noise_scale) = (2, 1.25);
    });
}

#[test]
fn a_world_of_another_shape_is_drawn_as_burn_draws_it() {
    agrees("odd", odd);
    agrees("odd, three passes", |config| {
        odd(config);
        (config.sampler.steps, config.sampler.noise_scale) = (3, 0.8);
    });
}

//! Our networks against the original implementation's, on a small Oasis with random weights
//! (`tests/fixtures/oasis_tiny`: weights, inputs and outputs, computed by open-oasis in f32).

use std::collections::HashMap;
use std::path::PathBuf;

use burn::module::{Module as _, Param};
use burn::tensor::{Tensor, TensorData};
use bvgdm_core::{
    DitConfig, Gelu, Prediction, SamplerConfig, SamplerKind, Schedule, ScheduleConfig, SlidingWindow,
    TransformerConfig, VaeConfig, WorldConfig,
};
use bvgdm_model::layers::rotate_half_order;
use bvgdm_model::{DitInput, NaiveRollout, PlaySettings, Rollout, Sight, World, shapes};
use safetensors::{Dtype, SafeTensors};

use crate::{B, max_difference};

const TOLERANCE: f32 = 1e-4;

struct File(HashMap<String, (Vec<usize>, Vec<f32>)>);

impl File {
    fn read(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/fixtures/oasis_tiny")
            .join(name);
        let bytes = std::fs::read(path).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let tensors = file.tensors().into_iter().map(|(name, view)| {
            let values = match view.dtype() {
                Dtype::I64 => view
                    .data()
                    .chunks_exact(8)
                    .map(|b| i64::from_le_bytes(b.try_into().unwrap()) as f32)
                    .collect(),
                _ => view
                    .data()
                    .chunks_exact(4)
                    .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
                    .collect(),
            };
            (name, (view.shape().to_vec(), values))
        });
        Self(tensors.collect())
    }

    fn values(&self, name: &str) -> &[f32] {
        &self
            .0
            .get(name)
            .unwrap_or_else(|| panic!("{name} is not in the fixture"))
            .1
    }

    fn tensor<const D: usize>(&self, name: &str) -> Tensor<B, D> {
        let (shape, values) = &self.0[name];
        Tensor::from_data(
            TensorData::new(values.clone(), shape.clone()),
            &Default::default(),
        )
    }
}

fn config() -> WorldConfig {
    let stack = |depth| TransformerConfig {
        width: 64,
        depth,
        heads: 4,
    };
    WorldConfig {
        vae: VaeConfig {
            width: 64,
            height: 48,
            patch: 8,
            channels: 4,
            encoder: stack(1),
            decoder: stack(2),
            mlp_ratio: 4.0,
            gelu: Gelu::Erf,
            rope_dims: 4,
            rope_max_freq: 48.0,
            latent_scale: 0.078_431_372_55,
        },
        dit: DitConfig {
            channels: 4,
            height: 6,
            width: 8,
            patch: 2,
            hidden: 64,
            depth: 2,
            heads: 4,
            mlp_ratio: 4.0,
            gelu: Gelu::Tanh,
            window: 6,
            sliding: SlidingWindow::Recomputed,
            actions: 25,
            spatial_mlp: true,
            shared_adaln: false,
            learned_positions: false,
            see_previous: false,
            spatial_rope_max_freq: 256.0,
            temporal_rope_theta: 10_000.0,
            prediction: Prediction::V,
        },
        schedule: ScheduleConfig::Sigmoid {
            start: -3.0,
            end: 3.0,
            tau: 1.0,
        },
        sampler: SamplerConfig {
            kind: SamplerKind::Ddim,
            steps: 10,
            context_level: 0.015,
            context_noise: false,
            noise_clip: 20.0,
        },
    }
}

/// The original's name of one of our tensors.
fn original(name: &str) -> String {
    let renamed = [
        ("x_embedder", "x_embedder.proj"),
        ("level_embedder.fc1", "t_embedder.mlp.0"),
        ("level_embedder.fc2", "t_embedder.mlp.2"),
        ("action_embedder", "external_cond"),
        ("attn.qkv", "attn.to_qkv"),
        ("attn.out", "attn.to_out"),
        ("adaln.spatial", "s_adaLN_modulation.1"),
        ("adaln.temporal", "t_adaLN_modulation.1"),
        ("final_adaln", "final_layer.adaLN_modulation.1"),
        ("final_linear", "final_layer.linear"),
        ("patch_embed", "patch_embed.proj"),
        ("post_quant", "post_quant_conv"),
        (".gamma", ".weight"),
        (".beta", ".bias"),
    ];
    let name = renamed
        .iter()
        .fold(name.to_owned(), |name, (ours, theirs)| {
            name.replace(ours, theirs)
        });
    let name = name
        .strip_prefix("dit.")
        .or(name.strip_prefix("vae."))
        .unwrap()
        .to_owned();
    if name.starts_with("quant.") {
        name.replace("quant.", "quant_conv.")
    } else {
        name
    }
}

/// Puts the fixture's weights into a module, in the order in which it lists its tensors.
struct Fill {
    values: std::vec::IntoIter<Vec<f32>>,
}

impl burn::module::ModuleMapper<B> for Fill {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        let (id, tensor, mapper) = param.consume();
        let data = TensorData::new(self.values.next().unwrap(), tensor.shape());
        let tensor = Tensor::from_data(data, &tensor.device());
        Param::from_mapped_value(id, tensor, mapper)
    }
}

fn weights(prefix: &str, names: Vec<(String, Vec<usize>)>, file: &File) -> Fill {
    let values = names.iter().map(|(name, shape)| {
        // The VAE calls the output projection of its attention otherwise.
        let mut theirs = original(name);
        if prefix == "vae" {
            theirs = theirs
                .replace("attn.to_qkv", "attn.qkv")
                .replace("attn.to_out", "attn.proj");
        }
        let values = file.values(&theirs).to_vec();
        let &[inputs, outputs] = shape.as_slice() else {
            return values;
        };
        // PyTorch keeps [out, in].
        let mut transposed = vec![0.0; values.len()];
        for i in 0..inputs {
            for o in 0..outputs {
                transposed[i * outputs + o] = values[turned(&theirs, o, outputs) * inputs + i];
            }
        }
        transposed
    });
    Fill {
        values: values.collect::<Vec<_>>().into_iter(),
    }
}

/// The original's output channel for one of ours: queries and keys are ordered by halves here and
/// by interleaved pairs there.
fn turned(name: &str, channel: usize, outputs: usize) -> usize {
    const HEAD: usize = 16;
    if !name.contains("qkv.weight") || channel >= outputs / 3 * 2 {
        return channel;
    }
    channel / HEAD * HEAD + rotate_half_order(HEAD)[channel % HEAD]
}

fn turned_bias(values: &[f32]) -> Vec<f32> {
    (0..values.len())
        .map(|i| values[turned("qkv.weight", i, values.len())])
        .collect()
}

fn world() -> World<B> {
    let device = Default::default();
    let mut world = World::<B>::new(&config(), &device).unwrap();
    let mut file = File::read("dit.safetensors");
    let mut fill = weights("dit", shapes("dit", &world.dit), &file);
    world.dit = world.dit.map(&mut fill);
    file = File::read("vae.safetensors");
    for (name, (_, values)) in &mut file.0 {
        if name.ends_with("qkv.bias") {
            *values = turned_bias(values);
        }
    }
    let mut fill = weights("vae", shapes("vae", &world.vae), &file);
    world.vae = world.vae.map(&mut fill);
    world
}

fn assert_near<const D: usize>(what: &str, found: Tensor<B, D>, expected: &[f32]) {
    let found = found.into_data().convert::<f32>();
    let difference = max_difference(found.as_slice().unwrap(), expected);
    assert!(
        difference <= TOLERANCE,
        "{what}: max abs difference {difference}"
    );
}

#[test]
fn vae_gives_what_the_original_gives() {
    let (world, io) = (world(), File::read("io.safetensors"));
    let posterior = world.vae.posterior(io.tensor("vae.image"));
    // The original lists tokens first, then channels.
    let tokens = |x: Tensor<B, 4>| x.reshape([2, 4, 48]).swap_dims(1, 2);
    assert_near(
        "mean",
        tokens(posterior.mean.clone()),
        io.values("vae.mean"),
    );
    assert_near("logvar", tokens(posterior.logvar), io.values("vae.logvar"));
    let decoded = world.vae.decode_unscaled(posterior.mean) * 2.0 - 1.0;
    assert_near("decoded", decoded, io.values("vae.decoded"));
}

#[test]
fn dit_gives_what_the_original_gives() {
    let (world, io) = (world(), File::read("io.safetensors"));
    let input = DitInput {
        x: io.tensor("dit.x"),
        previous: None,
        timestep: io.tensor("dit.t"),
        actions: io.tensor("dit.actions"),
    };
    let sight = Sight::banded(4, 6, 16, 10_000.0, &world.device);
    let v = world.dit.forward(input, &sight, None).prediction;
    assert_near("v", v, io.values("dit.v"));
}

#[test]
fn every_alpha_of_the_schedule_is_the_original_s() {
    let schedule = Schedule::new(&config().schedule);
    let expected = File::read("io.safetensors");
    let difference = max_difference(
        schedule.alphas_cumprod(),
        expected.values("schedule.alphas_cumprod"),
    );
    assert!(difference <= 1e-6, "{difference}");
}

#[test]
fn rollout_is_the_original_s_with_and_without_cache_before_and_after_the_window_slides() {
    let (world, io) = (world(), File::read("io.safetensors"));
    let settings = PlaySettings {
        sampler: config().sampler,
        seed: 0,
    };
    let latents = io.tensor::<5>("sample.latents");
    let actions = io.tensor::<3>("sample.actions");
    let noise = io.tensor::<6>("sample.noise");
    let first = world
        .vae
        .encode(io.tensor::<5>("sample.prompt").squeeze_dim(1))
        .unsqueeze_dim(1);
    let start = |i: usize| actions.clone().narrow(1, i, 1);
    assert_near(
        "prompt",
        first.clone(),
        &values(latents.clone().narrow(1, 0, 1)),
    );

    let mut cached = Rollout::new(&world, settings, first.clone(), start(0));
    let mut naive = NaiveRollout::new(settings, first, start(0));
    for i in 1..9 {
        let expected = values(latents.clone().narrow(1, i, 1));
        let noise = noise.clone().narrow(0, i, 1).squeeze_dim::<5>(0);
        let drawn = cached.step_from(&world, start(i), noise.clone());
        assert_near(&format!("cached frame {i}"), drawn.clone(), &expected);
        let frame = world.vae.decode(drawn.squeeze_dim(1)).clamp(0.0, 1.0);
        let expected_frame = values(io.tensor::<4>("sample.frames").narrow(0, i, 1));
        assert_near(&format!("picture {i}"), frame, &expected_frame);
        let drawn = naive.step_from(&world, start(i), noise);
        assert_near(&format!("naive frame {i}"), drawn, &expected);
    }
}

fn values<const D: usize>(tensor: Tensor<B, D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().to_vec().unwrap()
}

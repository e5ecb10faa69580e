//! Who takes the steps: AdamW for every weight, or Muon for the matrices of the blocks.

use std::path::Path;

use burn::module::{AutodiffModule, ModuleVisitor, Param};
use burn::optim::adaptor::OptimizerAdaptor;
use burn::optim::decay::WeightDecayConfig;
use burn::optim::{
    AdamW, AdamWConfig, AdjustLrFn, GradientsParams, Muon, MuonConfig, Optimizer as _,
};
use burn::tensor::Tensor;
use burn::tensor::backend::AutodiffBackend;

use super::checkpoint::{load_record, save_record};
use crate::config::{OptimiserConfig, OptimiserKind};
use crate::error::Result;

/// Lists of blocks as modules are named: the DiT's, and both of the ViT-VAE's.
const BLOCKS: [&str; 3] = ["blocks", "encoder", "decoder"];

/// The optimisers of a module and what they remember.
pub struct Optimiser<B: AutodiffBackend, M: AutodiffModule<B>> {
    adamw: OptimizerAdaptor<AdamW, M, B>,
    /// Orthogonalised momentum (Jordan et al. 2024) for the matrices inside blocks, scaled so that
    /// AdamW's rates fit (Liu et al. 2025, section 2.2).
    muon: Option<OptimizerAdaptor<Muon<B::InnerBackend>, M, B>>,
}

impl<B: AutodiffBackend, M: AutodiffModule<B>> Optimiser<B, M> {
    /// Optimisers that remember nothing yet.
    pub fn new(config: &OptimiserConfig) -> Self {
        let adamw = AdamWConfig::new()
            .with_beta_2(0.99)
            .with_epsilon(1e-8)
            .with_weight_decay(config.weight_decay);
        let muon = MuonConfig::new()
            .with_adjust_lr_fn(AdjustLrFn::MatchRmsAdamW)
            .with_weight_decay(Some(WeightDecayConfig::new(config.weight_decay)));
        Self {
            adamw: adamw.init(),
            muon: (config.optimiser == OptimiserKind::Muon).then(|| muon.init()),
        }
    }

    /// The module after one step.
    pub fn step(&mut self, rate: f64, module: M, mut grads: GradientsParams) -> M {
        let module = match &mut self.muon {
            Some(muon) => {
                let matrices = take_matrices::<B, M>(&module, &mut grads);
                muon.step(rate, module, matrices)
            }
            None => module,
        };
        self.adamw.step(rate, module, grads)
    }

    /// Writes what is remembered to a folder.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn save(&self, folder: &Path) -> Result<()> {
        if let Some(muon) = &self.muon {
            save_record::<B, _>(muon.to_record(), &folder.join("muon"))?;
        }
        save_record::<B, _>(self.adamw.to_record(), &folder.join("optimiser"))
    }

    /// Remembers what was written to a folder.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(&mut self, folder: &Path, device: &B::Device) -> Result<()> {
        if let Some(muon) = self.muon.take() {
            let record = load_record::<B, _>(&folder.join("muon"), device)?;
            self.muon = Some(muon.load_record(record));
        }
        let record = load_record::<B, _>(&folder.join("optimiser"), device)?;
        self.adamw = self.adamw.clone().load_record(record);
        Ok(())
    }
}

/// Takes the gradients of all matrices inside blocks out of `grads`.
fn take_matrices<B: AutodiffBackend, M: AutodiffModule<B>>(
    module: &M,
    grads: &mut GradientsParams,
) -> GradientsParams {
    let mut taker = Taker {
        grads,
        matrices: GradientsParams::new(),
        depth: 0,
    };
    module.visit(&mut taker);
    taker.matrices
}

struct Taker<'a> {
    grads: &'a mut GradientsParams,
    matrices: GradientsParams,
    /// Lists of blocks that we are in.
    depth: usize,
}

impl<B: AutodiffBackend> ModuleVisitor<B> for Taker<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.depth += usize::from(BLOCKS.contains(&name));
    }

    fn exit_module(&mut self, name: &str, _container: &str) {
        self.depth -= usize::from(BLOCKS.contains(&name));
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        if self.depth == 0 || D != 2 {
            return;
        }
        if let Some(grad) = self.grads.remove::<B::InnerBackend, D>(param.id) {
            self.matrices.register::<B::InnerBackend, D>(param.id, grad);
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::ElementConversion as _;
    use burn_autodiff::Autodiff;
    use burn_flex::{Flex, FlexDevice};
    use bvgdm_core::preset;
    use bvgdm_model::{Dit, Vae};

    use super::*;

    type B = Autodiff<Flex>;

    #[test]
    fn muon_takes_the_matrices_of_the_blocks_and_leaves_the_rest() {
        let dit = small();
        let mut grads = gradients(&dit);
        let before = grads.len();
        let matrices = take_matrices::<B, _>(&dit, &mut grads);
        // Two for each attention, two for the MLP.
        assert_eq!(matrices.len(), 6 * dit.blocks.len());
        assert_eq!(matrices.len() + grads.len(), before);
        let embedder = dit.x_embedder.weight.id;
        assert!(grads.get::<Flex, 2>(embedder).is_some());
    }

    #[test]
    fn muon_takes_the_matrices_of_the_vae_s_blocks_too() {
        let sizes = preset("arena").unwrap().vae;
        let vae = Vae::<B>::new(&sizes, &FlexDevice);
        let mut grads = gradients(&vae);
        let matrices = take_matrices::<B, _>(&vae, &mut grads);
        // Two blocks of the encoder, four of the decoder, four matrices each.
        assert_eq!(matrices.len(), 4 * (2 + 4));
        assert!(!grads.is_empty());
    }

    #[test]
    fn a_step_of_muon_changes_a_matrix_about_as_much_as_one_of_adamw() {
        let dit = small();
        let change = |optimiser| {
            let config = OptimiserConfig {
                optimiser,
                steps: None,
                minutes: None,
                learning_rate: 1e-3,
                warmup: 1,
                decay: 0.0,
                weight_decay: 0.0,
                clip: 1.0,
                ema: 0.0,
            };
            // Weights are drawn when they are first asked for: before they are copied.
            let grads = gradients(&dit);
            let after = Optimiser::new(&config).step(1e-3, dit.clone(), grads);
            let matrix = |dit: &Dit<B>| dit.blocks[0].t_mlp.fc1.weight.val();
            let change = matrix(&after) - matrix(&dit);
            let mean = (change.clone() * change).mean();
            mean.sqrt().into_scalar().elem::<f64>()
        };
        // AdamW's first step is the rate in every number; Muon's is 0.2 of it in the mean.
        let (adamw, muon) = (change(OptimiserKind::AdamW), change(OptimiserKind::Muon));
        assert!((adamw - 1e-3).abs() < 1e-4, "{adamw}");
        assert!((muon - 2e-4).abs() < 1e-4, "{muon}");
    }

    fn small() -> Dit<B> {
        let mut sizes = preset("arena").unwrap().dit;
        (sizes.hidden, sizes.depth, sizes.heads) = (16, 2, 2);
        Dit::new(&sizes, &FlexDevice)
    }

    /// Those of half the sum of all squares.
    fn gradients<M: AutodiffModule<B>>(module: &M) -> GradientsParams {
        let _alone = crate::alone::alone();
        let mut all = Squares(None);
        module.visit(&mut all);
        GradientsParams::from_grads(all.0.unwrap().backward(), module)
    }

    struct Squares(Option<Tensor<B, 1>>);

    impl ModuleVisitor<B> for Squares {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
            let square = (param.val() * param.val()).sum() * 0.5;
            self.0 = Some(match self.0.take() {
                Some(sum) => sum + square,
                None => square,
            });
        }
    }
}

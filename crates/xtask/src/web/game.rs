//! The game, once for each graphics interface: Bevy decides between them when it is compiled.

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;

use super::wasm::Wasm;

/// How a bundle is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// As players get it.
    Small,
    /// Without wasm-opt, which takes minutes for an eighth of the bytes: for tests.
    Quick,
}

/// A bundle of the game; its folder in the page and its cargo feature have its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Bundle {
    /// For browsers with WebGPU.
    #[value(name = "webgpu")]
    WebGpu,
    /// For the rest.
    #[value(name = "webgl2")]
    WebGl2,
}

impl Bundle {
    /// Both.
    pub const ALL: [Self; 2] = [Self::WebGpu, Self::WebGl2];

    /// Of its folder and of its feature.
    pub fn name(self) -> &'static str {
        match self {
            Self::WebGpu => "webgpu",
            Self::WebGl2 => "webgl2",
        }
    }

    /// Builds it into its folder within `page`.
    ///
    /// # Errors
    /// When a tool is not there or fails.
    pub fn build(self, page: &Path, finish: Finish) -> Result<()> {
        Wasm {
            name: "neural_game",
            label: self.name(),
            profile: "web",
            arguments: &[
                "--package",
                "bvgdm_examples",
                "--example",
                "neural_game",
                "--no-default-features",
                "--features",
                self.name(),
            ],
            compiled: "examples/neural_game.wasm",
            // By brotli smaller than what -Os makes, in a third of the time.
            level: (finish == Finish::Small).then_some("-O1"),
        }
        .build(&page.join(self.name()))
    }
}

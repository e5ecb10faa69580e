//! Which engine computes, chosen at run time among those that this build has.

#[cfg(any(feature = "wgpu", feature = "cuda", feature = "tch"))]
use burn::tensor::Tensor;
use burn::tensor::backend::{AutodiffBackend, Backend};
use burn_autodiff::Autodiff;
use serde::{Deserialize, Serialize};

/// An engine for tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum BackendKind {
    /// The processor, by burn-flex: always there.
    #[default]
    Cpu,
    /// The graphics card, by burn-wgpu (Vulkan, Metal, DirectX 12): cargo feature `wgpu`.
    Wgpu,
    /// An NVIDIA card, by burn-cuda: cargo feature `cuda`.
    Cuda,
    /// LibTorch, on an NVIDIA card if it finds one, else on the processor: cargo feature `tch`.
    Tch,
}

/// Work that runs on whichever engine was chosen.
pub trait Job {
    /// What it gives.
    type Output;

    /// Does the work on `device`. The engine without gradients is `B::InnerBackend`.
    fn run<B: AutodiffBackend>(self, device: B::Device) -> Self::Output;
}

/// Why an engine cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The cargo feature is off.
    #[error(
        "backend {kind}: not in this build, which has {}; build with --features {kind}",
        names(BackendKind::built_in())
    )]
    NotBuiltIn {
        /// What was asked for.
        kind: BackendKind,
    },
    /// It is built in and does not start.
    #[error("backend {kind}: no usable device on this machine: {message}")]
    NoDevice {
        /// What was asked for.
        kind: BackendKind,
        /// What the engine said.
        message: String,
    },
}

impl From<BackendError> for crate::TrainError {
    fn from(error: BackendError) -> Self {
        Self::Backend(error.to_string())
    }
}

impl BackendKind {
    /// All of them, built in or not.
    pub const ALL: [Self; 4] = [Self::Cpu, Self::Wgpu, Self::Cuda, Self::Tch];

    /// Those that this build has.
    pub fn built_in() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|kind| match kind {
            Self::Cpu => true,
            Self::Wgpu => cfg!(feature = "wgpu"),
            Self::Cuda => cfg!(feature = "cuda"),
            Self::Tch => cfg!(feature = "tch"),
        })
    }
}

impl std::fmt::Display for BackendKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Wgpu => "wgpu",
            Self::Cuda => "cuda",
            Self::Tch => "tch",
        })
    }
}

/// The engine, the device that it computes on, and the machine around it.
pub(crate) fn machine<B: Backend>(device: &B::Device) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    let engine = B::name(device);
    format!("{engine} ({device:?}) on {system} {processor}, cores: {cores}")
}

/// Runs `job` on the engine `kind`, on its default device.
///
/// # Errors
/// When the engine is not built in, or has no device here.
pub fn dispatch<J>(kind: BackendKind, job: J) -> Result<J::Output, BackendError>
where
    J: Job<Output: Send> + Send,
{
    match kind {
        BackendKind::Cpu => Ok(bvgdm_kernels::among_threads(|| {
            job.run::<Autodiff<burn_flex::Flex>>(burn_flex::FlexDevice)
        })),
        #[cfg(feature = "wgpu")]
        BackendKind::Wgpu => on::<burn_wgpu::Wgpu, J>(kind, [Default::default()], job),
        #[cfg(feature = "cuda")]
        BackendKind::Cuda => on::<burn_cuda::Cuda, J>(kind, [Default::default()], job),
        #[cfg(feature = "tch")]
        BackendKind::Tch => {
            use burn_tch::{LibTorch, LibTorchDevice};
            on::<LibTorch, J>(kind, [LibTorchDevice::Cuda(0), LibTorchDevice::Cpu], job)
        }
        #[cfg(not(all(feature = "wgpu", feature = "cuda", feature = "tch")))]
        kind => Err(BackendError::NotBuiltIn { kind }),
    }
}

/// Runs `job` on the first of `devices` that computes.
#[cfg(any(feature = "wgpu", feature = "cuda", feature = "tch"))]
fn on<B: Backend, J: Job>(
    kind: BackendKind,
    devices: impl IntoIterator<Item = B::Device>,
    job: J,
) -> Result<J::Output, BackendError>
where
    Autodiff<B>: AutodiffBackend<Device = B::Device>,
{
    let mut message = String::new();
    for device in devices {
        match probe::<B>(&device) {
            Ok(()) => return Ok(job.run::<Autodiff<B>>(device)),
            Err(reason) => message = reason,
        }
    }
    Err(BackendError::NoDevice { kind, message })
}

/// Adds four ones. The engines panic where there is no driver or card; that is caught here, before
/// any work has begun, and its print is held back.
#[cfg(any(feature = "wgpu", feature = "cuda", feature = "tch"))]
fn probe<B: Backend>(device: &B::Device) -> Result<(), String> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let sum = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        Tensor::<B, 1>::ones([4], device)
            .sum()
            .into_data()
            .convert::<f32>()
            .to_vec::<f32>()
    }));
    std::panic::set_hook(hook);
    match sum {
        Ok(Ok(sum)) if sum == [4.0] => Ok(()),
        Ok(other) => Err(format!("1 + 1 + 1 + 1 gave {other:?}")),
        Err(panic) => Err(panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("the driver does not start")
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()),
    }
}

fn names(kinds: impl Iterator<Item = BackendKind>) -> String {
    kinds
        .map(|kind| kind.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use burn::tensor::Tensor;

    use super::*;

    struct Sum;

    impl Job for Sum {
        type Output = f32;

        fn run<B: AutodiffBackend>(self, device: B::Device) -> f32 {
            let sum = Tensor::<B::InnerBackend, 1>::ones([7], &device).sum();
            sum.into_data().convert::<f32>().to_vec::<f32>().unwrap()[0]
        }
    }

    #[test]
    fn every_engine_computes_or_says_why_not() {
        for kind in BackendKind::ALL {
            match dispatch(kind, Sum) {
                Ok(sum) => assert_eq!(sum, 7.0),
                Err(error) => {
                    let built_in = BackendKind::built_in().any(|other| other == kind);
                    let expected = if built_in {
                        "no usable device"
                    } else {
                        "not in this build"
                    };
                    assert!(error.to_string().contains(expected), "{error}");
                }
            }
        }
    }
}

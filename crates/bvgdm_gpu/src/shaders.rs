//! The shaders, as they stand in `shaders/`.

/// A file of shaders, with what it shares with others before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shader {
    /// Its path in `shaders/`.
    pub path: &'static str,
    /// The files of `shaders/common/` that it begins with.
    pub shared: &'static [&'static str],
    /// WGSL.
    pub source: &'static str,
    /// Whether its own guards keep every index in range and end every loop, so that it needs no others.
    guarded: bool,
}

macro_rules! shader {
    ($path:literal, [$($shared:literal),*]) => {
        shader!($path, [$($shared),*], false)
    };
    ($path:literal, [$($shared:literal),*], $guarded:literal) => {
        Shader {
            path: $path,
            shared: &[$($shared),*],
            guarded: $guarded,
            source: concat!(
                $(include_str!(concat!("../../../shaders/common/", $shared)), "\n",)*
                include_str!(concat!("../../../shaders/", $path))
            ),
        }
    };
}

pub(crate) const COMPUTE_LINEAR: Shader = shader!(
    "compute/linear.wgsl",
    ["step.wgsl", "offsets.wgsl", "activation.wgsl"],
    true
);
pub(crate) const COMPUTE_ATTENTION: Shader =
    shader!("compute/attention.wgsl", ["step.wgsl", "memory.wgsl"], true);
pub(crate) const COMPUTE_COMBINE: Shader =
    shader!("compute/combine.wgsl", ["step.wgsl", "sum.wgsl"]);
pub(crate) const COMPUTE_PRESENT: Shader =
    shader!("compute/present.wgsl", ["picture.wgsl", "triangle.wgsl"]);
pub(crate) const FRAGMENT_LINEAR: Shader = shader!(
    "fragment/linear.wgsl",
    [
        "step.wgsl",
        "offsets.wgsl",
        "constants.wgsl",
        "activation.wgsl",
        "layers.wgsl",
        "triangle.wgsl"
    ]
);
pub(crate) const FRAGMENT_ATTENTION: Shader = shader!(
    "fragment/attention.wgsl",
    ["step.wgsl", "memory.wgsl", "layers.wgsl", "triangle.wgsl"]
);
pub(crate) const FRAGMENT_COMBINE: Shader = shader!(
    "fragment/combine.wgsl",
    ["step.wgsl", "sum.wgsl", "layers.wgsl", "triangle.wgsl"]
);
pub(crate) const FRAGMENT_PRESENT: Shader = shader!(
    "fragment/present.wgsl",
    ["picture.wgsl", "layers.wgsl", "triangle.wgsl"]
);

/// All of them.
pub const SHADERS: [Shader; 8] = [
    COMPUTE_LINEAR,
    COMPUTE_ATTENTION,
    COMPUTE_COMBINE,
    COMPUTE_PRESENT,
    FRAGMENT_LINEAR,
    FRAGMENT_ATTENTION,
    FRAGMENT_COMBINE,
    FRAGMENT_PRESENT,
];

impl Shader {
    /// wgpu puts a counter into every loop and a clamp before every index into workgroup memory; with the
    /// counter a driver does not unroll. Without them a frame of `arena` takes 2.1 ms instead of 3.2 (H200).
    pub(crate) fn module(self, device: &wgpu::Device) -> wgpu::ShaderModule {
        let descriptor = wgpu::ShaderModuleDescriptor {
            label: Some(self.path),
            source: wgpu::ShaderSource::Wgsl(self.source.into()),
        };
        if !self.guarded {
            return device.create_shader_module(descriptor);
        }
        #[expect(
            unsafe_code,
            reason = "wgpu cannot see what the shader's own guards see"
        )]
        // SAFETY: the text is ours and known when this is compiled. Its loops run from one number to another
        // that is a size of the plan, its threads compare rows, columns and depths with those sizes before they
        // read or write, and buffers are made as large as the plan says; ring slots are taken modulo their count.
        unsafe {
            device.create_shader_module_trusted(descriptor, wgpu::ShaderRuntimeChecks::unchecked())
        }
    }
}

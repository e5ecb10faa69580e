//! The error type of this crate.

/// Why a plan cannot run on a device.
#[derive(Debug, thiserror::Error)]
pub enum GpuError {
    /// The device or a shader has too little of something, or the world wants too much.
    #[error("{what}: the world needs {needs}, and {has} is the most that can be had")]
    Limit {
        /// The limit, or the part of the plan.
        what: String,
        /// What the plan needs.
        needs: u64,
        /// What the device or the shader offers.
        has: u64,
    },
    /// The device lacks something altogether.
    #[error("the device has no {0}")]
    Missing(&'static str),
    /// A weight is too large for half precision.
    #[error("{table}: {value} is too large for f16 weights")]
    Overflow {
        /// The table of weights.
        table: String,
        /// The number.
        value: f32,
    },
}

/// A result of this crate.
pub type Result<T, E = GpuError> = std::result::Result<T, E>;

/// Fails unless the device has as much as is needed.
pub(crate) fn at_most(what: impl Into<String>, needs: u64, has: u64) -> Result<()> {
    if needs <= has {
        return Ok(());
    }
    Err(GpuError::Limit {
        what: what.into(),
        needs,
        has,
    })
}

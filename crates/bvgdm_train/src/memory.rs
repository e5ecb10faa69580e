//! How much memory this process has, where the system tells it.

/// Resident memory in bytes.
pub fn resident_memory_bytes() -> Option<u64> {
    status_field("VmRSS:")
}

/// The most that it ever was.
pub fn peak_memory_bytes() -> Option<u64> {
    status_field("VmHWM:")
}

/// A field of Linux's `/proc/self/status`; other systems have no such file.
fn status_field(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

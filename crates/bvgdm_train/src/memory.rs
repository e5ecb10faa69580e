//! How much memory this process has, where the system tells it.

/// Resident memory in bytes: on Linux, macOS and Windows.
pub fn resident_memory_bytes() -> Option<u64> {
    memory_stats::memory_stats().map(|found| found.physical_mem as u64)
}

/// The most that it ever was: on Linux.
pub fn peak_memory_bytes() -> Option<u64> {
    // Other systems have no such file.
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_touched_is_resident() {
        let touched = std::hint::black_box(vec![1_u8; 256 << 20]);
        let after = resident_memory_bytes().unwrap();
        assert!(after > 256 << 20, "{after}");
        drop(touched);
        if cfg!(target_os = "linux") {
            let peak = peak_memory_bytes().unwrap();
            // Linux counts by processor and adds up now and then.
            assert!(peak + (64 << 20) > after, "{peak} at most, {after} now");
        }
    }
}

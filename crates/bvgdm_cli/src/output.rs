//! Lines to the standard output.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write as _};

/// Prints a line. Where nobody reads any more (`| head`) there is nothing to print; where it cannot be
/// written, a warning says so, and a training run goes on.
pub fn line(text: Arguments<'_>) {
    if let Some(error) = complaint(writeln!(io::stdout(), "{text}")) {
        eprintln!("warning: standard output: {error}");
    }
}

/// What somebody should hear of.
fn complaint(written: io::Result<()>) -> Option<io::Error> {
    written
        .err()
        .filter(|error| error.kind() != ErrorKind::BrokenPipe)
}

/// `println!` by [`line`].
macro_rules! say {
    ($($text:tt)*) => {
        $crate::output::line(format_args!($($text)*))
    };
}

pub(crate) use say;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_stops_reading_is_not_complained_of_and_a_full_disk_is() {
        assert!(complaint(Ok(())).is_none());
        assert!(complaint(Err(ErrorKind::BrokenPipe.into())).is_none());
        let full = complaint(Err(ErrorKind::StorageFull.into())).unwrap();
        assert_eq!(full.kind(), ErrorKind::StorageFull);
    }
}

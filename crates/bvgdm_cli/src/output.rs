//! Lines to the standard output.

use std::fmt::Arguments;
use std::io::Write as _;

/// Prints a line; where nobody reads any more (`| head`), nothing: no reason to lose a training run.
pub fn line(text: Arguments<'_>) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// `println!` by [`line`].
macro_rules! say {
    ($($text:tt)*) => {
        $crate::output::line(format_args!($($text)*))
    };
}

pub(crate) use say;

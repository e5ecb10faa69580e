//! Columns of text.

use crate::output::say;

/// Prints rows with their columns below each other, the first to the left and the others to the
/// right.
pub fn print(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|c| {
            rows.iter()
                .filter_map(|r| r.get(c))
                .map(|t| t.chars().count())
                .max()
        })
        .map(Option::unwrap_or_default)
        .collect();
    for row in rows {
        let cells = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(i, (text, &width))| match i {
                0 => format!("{text:<width$}"),
                _ => format!("{text:>width$}"),
            });
        say!("{}", cells.collect::<Vec<_>>().join("   ").trim_end());
    }
}

/// A row of text.
pub fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// Bytes as MB (10⁶).
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

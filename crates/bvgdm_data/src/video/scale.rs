//! Larger by a whole factor: every pixel becomes a square.

/// Repeats every pixel of `N` bytes `scale` times to the right and down.
pub(crate) fn enlarge<const N: usize>(pixels: &[u8], width: usize, scale: usize) -> Vec<u8> {
    if scale == 1 {
        return pixels.to_vec();
    }
    let mut out = Vec::with_capacity(pixels.len() * scale * scale);
    for row in pixels.chunks_exact(width * N) {
        let start = out.len();
        for pixel in row.as_chunks::<N>().0 {
            for _ in 0..scale {
                out.extend_from_slice(pixel);
            }
        }
        let end = out.len();
        for _ in 1..scale {
            out.extend_from_within(start..end);
        }
    }
    out
}

/// Doubles the last column and the last row where their number is odd, and gives the new size.
pub(super) fn make_even(rgb: Vec<u8>, width: usize, height: usize) -> (Vec<u8>, usize, usize) {
    let (even_width, even_height) = (width.next_multiple_of(2), height.next_multiple_of(2));
    if (even_width, even_height) == (width, height) {
        return (rgb, width, height);
    }
    let mut out = Vec::with_capacity(even_width * even_height * 3);
    for y in 0..even_height {
        for x in 0..even_width {
            let i = (y.min(height - 1) * width + x.min(width - 1)) * 3;
            out.extend_from_slice(rgb.get(i..i + 3).unwrap_or(&[0; 3]));
        }
    }
    (out, even_width, even_height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_becomes_a_square() {
        let rows = enlarge::<1>(&[1, 2, 3, 4], 2, 2);
        assert_eq!(rows, [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
        assert_eq!(enlarge::<3>(&[7, 8, 9], 1, 2), [7, 8, 9].repeat(4));
    }

    #[test]
    fn odd_sides_get_their_last_pixels_twice() {
        let (rgb, width, height) = make_even(vec![1, 1, 1], 1, 1);
        assert_eq!((rgb, width, height), (vec![1; 12], 2, 2));
        let (rgb, ..) = make_even(vec![1, 1, 1, 2, 2, 2, 3, 3, 3], 3, 1);
        let row = [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3];
        assert_eq!(rgb, [row, row].concat());
    }
}

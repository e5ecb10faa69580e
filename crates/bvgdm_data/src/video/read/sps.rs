//! What of an H.264 sequence parameter set decides whether and how a picture can be decoded.

use super::bits::{Bits, with_emulation, without_emulation};

/// The fields of Rec. ITU-T H.264, 7.3.2.1.1 and E.1.1 that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sps {
    /// Pixels a row, after cropping.
    pub width: usize,
    /// Rows, after cropping.
    pub height: usize,
    /// 1 is 4:2:0.
    pub chroma_format: u32,
    /// Bits a luma and a chroma sample.
    pub bits: (u32, u32),
    /// Whether all pictures are whole frames.
    pub progressive: bool,
    /// Whether luma has the range 0 to 255 instead of 16 to 235.
    pub full_range: bool,
    /// Table E-5; 2 is "not stated".
    pub matrix: u32,
}

impl Sps {
    /// Reads a unit with its header byte; nothing where it ends too early or has absurd sizes.
    pub(super) fn parse(unit: &[u8]) -> Option<Self> {
        let (header, payload) = unit.split_first()?;
        if header & 0x1f != 7 {
            return None;
        }
        let payload = without_emulation(payload);
        let mut bits = Bits {
            bytes: &payload,
            at: 0,
        };
        let profile = bits.take(8)?;
        bits.take(16)?;
        bits.unsigned()?;
        let (mut chroma_format, mut depths) = (1, (8, 8));
        if matches!(
            profile,
            100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135
        ) {
            chroma_format = bits.unsigned()?;
            if chroma_format == 3 {
                bits.take(1)?;
            }
            depths = (
                bits.unsigned()?.checked_add(8)?,
                bits.unsigned()?.checked_add(8)?,
            );
            bits.take(1)?;
            if bits.flag()? {
                let lists = if chroma_format == 3 { 12 } else { 8 };
                (0..lists).try_for_each(|i| bits.scaling_list(if i < 6 { 16 } else { 64 }))?;
            }
        }
        bits.picture_order()?;
        bits.unsigned()?;
        bits.take(1)?;
        let columns = bits.unsigned()?.checked_add(1)?;
        let rows = bits.unsigned()?.checked_add(1)?;
        let progressive = bits.flag()?;
        if !progressive {
            bits.take(1)?;
        }
        bits.take(1)?;
        let mut crop = [0; 4];
        if bits.flag()? {
            for side in &mut crop {
                *side = bits.unsigned()?;
            }
        }
        let [left, right, top, bottom] = crop;
        let units = if chroma_format == 1 { 2 } else { 1 };
        let side = |blocks: u32, before: u32, after: u32| {
            let cut = before.checked_add(after)?.checked_mul(units)?;
            usize::try_from(blocks.checked_mul(16)?.checked_sub(cut)?).ok()
        };
        let (full_range, matrix) = if bits.flag()? {
            bits.colours()?
        } else {
            (false, 2)
        };
        Some(Self {
            width: side(columns, left, right)?,
            height: side(rows, top, bottom)?,
            chroma_format,
            bits: depths,
            progressive,
            full_range,
            matrix,
        })
    }
}

/// The same set for a decoder that gives every picture at once instead of in the order of showing.
///
/// OpenH264 sorts pictures by a rule of thumb that goes wrong for some encoders, and leaves out the
/// sorting for the baseline profiles. The set is stated to be of the scalable baseline (83), whose
/// fields are those of the high profile (100); a main profile (77) gets the fields that it lacks.
/// A baseline profile (66) stays; of any other there is nothing.
pub(super) fn unsorted(unit: &[u8]) -> Option<Vec<u8>> {
    let &[header, profile, constraints, level, ref rest @ ..] = unit else {
        return None;
    };
    let mut out = vec![header, 83, constraints, level];
    match profile {
        66 => return Some(unit.to_vec()),
        100 => out.extend_from_slice(rest),
        77 => {
            let payload = without_emulation(rest);
            let mut bits = Bits {
                bytes: &payload,
                at: 0,
            };
            bits.unsigned()?;
            // 4:2:0 and 8 bits as Exp-Golomb numbers (010, 1, 1), and two flags that are not set.
            let mut inserted = vec![];
            let identity = bits.at;
            bits.at = 0;
            for _ in 0..identity {
                inserted.push(bits.flag()?);
            }
            inserted.extend([false, true, false, true, true, false, false]);
            while let Some(bit) = bits.flag() {
                inserted.push(bit);
            }
            let byte = |bits: &[bool]| {
                let set = bits.iter().enumerate().filter(|(_, bit)| **bit);
                set.fold(0, |byte, (i, _)| byte | 0x80 >> i)
            };
            let bytes: Vec<u8> = inserted.chunks(8).map(byte).collect();
            out.extend_from_slice(&with_emulation(&bytes));
        }
        _ => return None,
    }
    Some(out)
}

/// The parts of a set that have fields of their own.
impl Bits<'_> {
    fn scaling_list(&mut self, size: usize) -> Option<()> {
        if !self.flag()? {
            return Some(());
        }
        let (mut last, mut next) = (8_i64, 8_i64);
        for _ in 0..size {
            if next != 0 {
                next = (last + self.signed()?).rem_euclid(256);
            }
            if next != 0 {
                last = next;
            }
        }
        Some(())
    }

    fn picture_order(&mut self) -> Option<()> {
        self.unsigned()?;
        match self.unsigned()? {
            0 => self.unsigned().map(drop),
            1 => {
                self.take(1)?;
                self.signed()?;
                self.signed()?;
                let count = self.unsigned()?;
                (0..count.min(256)).try_for_each(|_| self.signed().map(drop))
            }
            _ => Some(()),
        }
    }

    /// The beginning of the usability information.
    fn colours(&mut self) -> Option<(bool, u32)> {
        if self.flag()? && self.take(8)? == 255 {
            self.take(32)?;
        }
        if self.flag()? {
            self.take(1)?;
        }
        if !self.flag()? {
            return Some((false, 2));
        }
        self.take(3)?;
        let full_range = self.flag()?;
        let matrix = if self.flag()? {
            self.take(16)?;
            self.take(8)?
        } else {
            2
        };
        Some((full_range, matrix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As x264 writes it for 160 x 120, High profile.
    const HIGH: [u8; 24] = [
        0x67, 0x64, 0x00, 0x0a, 0xac, 0xd9, 0x42, 0x84, 0x7e, 0x58, 0x40, 0x00, 0x00, 0x03, 0x00,
        0x80, 0x00, 0x00, 0x11, 0x83, 0xc4, 0x89, 0x65, 0x80,
    ];

    #[test]
    fn a_high_profile_is_read() {
        let sps = Sps::parse(&HIGH).unwrap();
        assert_eq!((sps.width, sps.height), (160, 120));
        assert_eq!((sps.chroma_format, sps.bits), (1, (8, 8)));
        assert!(sps.progressive);
        assert_eq!((sps.full_range, sps.matrix), (false, 2));
    }

    #[test]
    fn the_unsorted_form_says_the_same() {
        let high = unsorted(&HIGH).unwrap();
        assert_eq!((high[1], Sps::parse(&high)), (83, Sps::parse(&HIGH)));
        // The same set as one of the main profile: without the 7 bits in front of the bit 0.
        let mut main = HIGH.to_vec();
        main[1] = 77;
        let main = unsorted(&main).unwrap();
        assert_eq!((main[1], main[4] & 0x80), (83, 0x80));
        assert_eq!(main[4] >> 1 & 0x3f, 0b01_0110);
        assert_eq!(unsorted(&[0x67, 244, 0, 10, 0]), None);
        assert_eq!(unsorted(&[0x67]), None);
    }

    #[test]
    fn a_cut_one_is_none() {
        for end in 0..8 {
            assert_eq!(Sps::parse(&HIGH[..end]), None);
        }
    }
}

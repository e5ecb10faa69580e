//! The bits of an H.264 unit.

/// Puts a byte 3 wherever a start code might be seen.
pub(super) fn with_emulation(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 8);
    let mut zeros = 0;
    for &byte in bytes {
        if zeros >= 2 && byte <= 3 {
            out.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

/// Takes out the byte 3 that keeps start codes out of the data.
pub(super) fn without_emulation(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut zeros = 0;
    for &byte in bytes {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

/// Reads bit by bit, the highest first.
pub(super) struct Bits<'a> {
    pub bytes: &'a [u8],
    /// The next bit.
    pub at: usize,
}

impl Bits<'_> {
    pub(super) fn take(&mut self, count: usize) -> Option<u32> {
        (0..count).try_fold(0, |sum, _| {
            let byte = self.bytes.get(self.at / 8)?;
            let bit = byte >> (7 - self.at % 8) & 1;
            self.at += 1;
            Some(sum << 1 | u32::from(bit))
        })
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        self.take(1).map(|bit| bit == 1)
    }

    /// An Exp-Golomb number, clause 9.1.
    pub(super) fn unsigned(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let rest = self.take(zeros)?;
        ((1_u32 << zeros) - 1).checked_add(rest)
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        let code = i64::from(self.unsigned()?);
        Some(if code % 2 == 1 {
            code / 2 + 1
        } else {
            -(code / 2)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_standard_writes_them() {
        // 1, 010, 011, 00100, and the signed 00101.
        let mut bits = Bits {
            bytes: &[0b1010_0110, 0b0100_0010, 0b1000_0000],
            at: 0,
        };
        let unsigned: Vec<_> = (0..4).map(|_| bits.unsigned().unwrap()).collect();
        assert_eq!((unsigned, bits.signed()), (vec![0, 1, 2, 3], Some(-2)));
        assert_eq!(bits.take(20), None);
    }

    #[test]
    fn start_codes_are_kept_out_and_put_back() {
        let zeros = [0, 0, 1, 0, 0, 0, 0, 0, 9];
        assert_eq!(without_emulation(&with_emulation(&zeros)), zeros);
        assert_eq!(with_emulation(&[0, 0, 0]), [0, 0, 3, 0]);
    }
}

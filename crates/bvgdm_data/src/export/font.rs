//! Capital letters, digits and a few signs, three dots wide and five high.

/// Dots a character takes, with the gap behind and below it.
pub(super) const ADVANCE: usize = 4;
pub(super) const LINE: usize = 7;
/// Dots of a character.
pub(super) const WIDTH: usize = 3;
pub(super) const HEIGHT: usize = 5;

/// Five rows of three dots, the top row in the highest bits.
const GLYPHS: [(char, u16); 42] = [
    ('A', 0b010_101_111_101_101),
    ('B', 0b110_101_110_101_110),
    ('C', 0b011_100_100_100_011),
    ('D', 0b110_101_101_101_110),
    ('E', 0b111_100_110_100_111),
    ('F', 0b111_100_110_100_100),
    ('G', 0b011_100_101_101_011),
    ('H', 0b101_101_111_101_101),
    ('I', 0b111_010_010_010_111),
    ('J', 0b001_001_001_101_010),
    ('K', 0b101_101_110_101_101),
    ('L', 0b100_100_100_100_111),
    ('M', 0b101_111_111_101_101),
    ('N', 0b110_101_101_101_101),
    ('O', 0b010_101_101_101_010),
    ('P', 0b110_101_110_100_100),
    ('Q', 0b010_101_101_110_011),
    ('R', 0b110_101_110_101_101),
    ('S', 0b011_100_010_001_110),
    ('T', 0b111_010_010_010_010),
    ('U', 0b101_101_101_101_111),
    ('V', 0b101_101_101_101_010),
    ('W', 0b101_101_111_111_101),
    ('X', 0b101_101_010_101_101),
    ('Y', 0b101_101_010_010_010),
    ('Z', 0b111_001_010_100_111),
    ('0', 0b111_101_101_101_111),
    ('1', 0b010_110_010_010_111),
    ('2', 0b110_001_010_100_111),
    ('3', 0b110_001_010_001_110),
    ('4', 0b101_101_111_001_001),
    ('5', 0b111_100_110_001_110),
    ('6', 0b011_100_111_101_111),
    ('7', 0b111_001_010_010_010),
    ('8', 0b111_101_111_101_111),
    ('9', 0b111_101_111_001_110),
    ('.', 0b000_000_000_000_010),
    ('-', 0b000_000_111_000_000),
    ('_', 0b000_000_000_000_111),
    ('+', 0b000_010_111_010_000),
    ('/', 0b001_001_010_100_100),
    (' ', 0),
];

/// The glyph of a character, whatever its case; a full block for one that has none.
fn glyph(character: char) -> u16 {
    let character = character.to_ascii_uppercase();
    let found = GLYPHS.iter().find(|(known, _)| *known == character);
    found.map_or(0x7fff, |(_, glyph)| *glyph)
}

/// Whether the dot in this column and row of a character is set.
pub(super) fn dot(character: char, column: usize, row: usize) -> bool {
    let place = (HEIGHT - 1 - row) * WIDTH + WIDTH - 1 - column;
    glyph(character) >> place & 1 == 1
}

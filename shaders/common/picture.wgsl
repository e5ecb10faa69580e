// Where a pixel lies among the patches, and what colour a target is given: the network's colours are
// sRGB already, and the target encodes what it is given, so they are decoded first.

override WIDTH: u32;
override PATCH: u32;
override GROUP: u32;

// The place of a cell, `[column, row]` of the picture, in the order of the network's tokens.
fn cell_index(cell: vec2<u32>) -> u32 {
    let token = cell / GROUP;
    let across = WIDTH / (PATCH * GROUP);
    return (token.y * across + token.x) * GROUP * GROUP + cell.y % GROUP * GROUP + cell.x % GROUP;
}

fn linear_of(srgb: vec3<f32>) -> vec3<f32> {
    let clamped = clamp(srgb, vec3(0.0), vec3(1.0));
    let low = clamped / 12.92;
    let high = pow((clamped + 0.055) / 1.055, vec3(2.4));
    return select(high, low, clamped <= vec3(0.04045));
}

// Which keys a query sees, and where they stand.

// Frame 0 is the pending one, frame 1 the new one; ages count from the new one.
fn first_age(frame: u32) -> u32 {
    return 1u - frame;
}

fn key_count(frame: u32) -> u32 {
    if SLOTS == 0u {
        return TOKENS;
    }
    let oldest = min(min(first_age(frame) + WINDOW - 1u, step.cached), SLOTS - 1u);
    return oldest + 1u - first_age(frame);
}

// Whose queries, keys and values stand side by side.
fn query_row(frame: u32, place: u32) -> u32 {
    if SLOTS == 0u {
        return frame * TOKENS + place;
    }
    return key_row(frame, place, 0u);
}

fn key_row(frame: u32, place: u32, key: u32) -> u32 {
    if SLOTS == 0u {
        return frame * TOKENS + key;
    }
    // Tint refuses a division by zero even where it is never done.
    return (step.slot + SLOTS - first_age(frame) - key) % max(SLOTS, 1u) * TOKENS + place;
}

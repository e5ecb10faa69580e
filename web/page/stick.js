// Fingers into actions: pure arithmetic.

/** Of the ring's radius: a thumb that rests does not walk. */
export const DEAD_ZONE = 0.28;
/** sin(22.5°): eight directions of equal width. */
const OCTANT = 0.3827;
/** Degrees a CSS pixel; a finger has less room than a mouse. */
const TURN = 0.25;

/**
 * A thumb's offset from the ring's centre (y downwards, any unit) as buttons of the schema.
 * @returns {{forward: number, back: number, left: number, right: number}} each 0 or 1
 */
export function directions(x, y, radius) {
  const length = Math.hypot(x, y);
  const held = { forward: 0, back: 0, left: 0, right: 0 };
  if (!(length > DEAD_ZONE * radius)) return held;
  if (y < -OCTANT * length) held.forward = 1;
  if (y > OCTANT * length) held.back = 1;
  if (x < -OCTANT * length) held.left = 1;
  if (x > OCTANT * length) held.right = 1;
  return held;
}

/** Where the knob is drawn: the thumb's offset, at most `radius` away. */
export function knob(x, y, radius) {
  const scale = Math.min(1, radius / (Math.hypot(x, y) || 1));
  return [x * scale, y * scale];
}

/**
 * A drag of so many CSS pixels within one frame of the world as what turns the view, in the schema's
 * units (degrees a frame), within the ranges that the schema gives. Right is positive, and up of
 * `pitch`, down of `cameraX`.
 */
export function turn(x, y, sensitivity, actions) {
  const held = {};
  for (const [name, pixels] of [["yaw", x], ["pitch", -y], ["cameraY", x], ["cameraX", y]]) {
    const axis = actions.find((action) => action.name === name && action.kind === "axis");
    if (!axis) continue;
    const value = pixels * TURN * sensitivity;
    held[name] = Math.min(Math.max(value, axis.min), axis.max);
  }
  return held;
}

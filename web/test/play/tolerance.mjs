// How far pictures may be from those that the native engine drew in f32, of 255.

/** The processor multiplies in whole numbers of 16 bits: few pixels, at edges, are off by more than one.
 * Measured: 5 at most over 32 frames, 0.05 in the mean. */
export const WHOLE = { largest: 6, mean: 0.1 };

/** The weights are rounded to f16 on the graphics processor; measured: 1 at most, 0.009 in the mean. */
export const ROUNDED = { largest: 4, mean: 0.1 };

//! Evaluation of a world.

// Medians and the like.

/** The value below which `share` of the values lie; null of none. */
export function percentile(values, share) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)];
}

/** { median, p95 } of the numbers among the values. */
export function summary(values) {
  const numbers = values.filter(Number.isFinite);
  return { median: percentile(numbers, 0.5), p95: percentile(numbers, 0.95) };
}

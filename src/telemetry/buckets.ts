/** Bounds of histograms that several files share, in seconds. */

/** From an answer out of memory to a scan whose client is told of its progress, and which may take two minutes. */
export const DURATION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
];
